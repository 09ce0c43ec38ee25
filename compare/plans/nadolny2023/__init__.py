"""Plans for the figures of Nadolny and Bruder, Phys. Rev. Lett. 131, 190402 (2023), one file each."""

from compare.plans.nadolny2023 import classical as classical
from compare.plans.nadolny2023 import fig2 as fig2
from compare.plans.nadolny2023 import fig3 as fig3
from compare.plans.nadolny2023 import fig4 as fig4
from compare.plans.nadolny2023 import figS1 as figS1
from compare.plans.nadolny2023 import figS2 as figS2
from compare.plans.nadolny2023 import figS3 as figS3
from compare.plans.nadolny2023 import figS4 as figS4
from compare.plans.nadolny2023 import finite as finite
