"""Plans for the figures of Vaidya et al., Phys. Rev. A 109, 033718 (2024), one file each."""

from compare.plans.vaidya2024 import classical as classical
from compare.plans.vaidya2024 import fig3 as fig3
from compare.plans.vaidya2024 import fig4 as fig4
from compare.plans.vaidya2024 import fig5 as fig5
from compare.plans.vaidya2024 import fig6 as fig6
from compare.plans.vaidya2024 import fig7 as fig7
from compare.plans.vaidya2024 import fig8 as fig8
from compare.plans.vaidya2024 import fig10 as fig10
from compare.plans.vaidya2024 import fig11 as fig11
from compare.plans.vaidya2024 import fig12 as fig12
from compare.plans.vaidya2024 import fig14 as fig14
from compare.plans.vaidya2024 import fig15 as fig15
from compare.plans.vaidya2024 import jumps as jumps
from compare.plans.vaidya2024 import robustness as robustness
