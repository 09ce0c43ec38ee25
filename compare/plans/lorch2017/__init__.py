"""Plans for the figures of Loerch et al., Phys. Rev. Lett. 118, 243602 (2017), one file each."""

from compare.plans.lorch2017 import classical_limit as classical_limit
from compare.plans.lorch2017 import fig1 as fig1
from compare.plans.lorch2017 import fig2 as fig2
from compare.plans.lorch2017 import fig3 as fig3
from compare.plans.lorch2017 import fig4 as fig4
from compare.plans.lorch2017 import fig5 as fig5
from compare.plans.lorch2017 import fig6 as fig6
from compare.plans.lorch2017 import fig7 as fig7
from compare.plans.lorch2017 import footnote41 as footnote41
from compare.plans.lorch2017 import networks as networks
from compare.plans.lorch2017 import validity as validity
