"""Figures of Loerch et al., Phys. Rev. Lett. 118, 243602 (2017), from the datasets of the plans of the same names."""

from figures.lorch2017.classical_limit import classical_limit as classical_limit
from figures.lorch2017.fig1 import fig1 as fig1
from figures.lorch2017.fig2 import fig2 as fig2
from figures.lorch2017.fig3 import fig3 as fig3
from figures.lorch2017.fig4 import fig4 as fig4
from figures.lorch2017.fig5 import fig5 as fig5
from figures.lorch2017.fig6 import fig6 as fig6
from figures.lorch2017.fig7 import fig7 as fig7
from figures.lorch2017.footnote41 import footnote41 as footnote41
from figures.lorch2017.networks import networks as networks
from figures.lorch2017.validity import validity as validity
