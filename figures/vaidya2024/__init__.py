"""Figures of Vaidya et al., Phys. Rev. A 109, 033718 (2024), from the datasets of the plans of the same names."""

from figures.vaidya2024.classical import classical as classical
from figures.vaidya2024.fig3 import fig3 as fig3
from figures.vaidya2024.fig4 import fig4 as fig4
from figures.vaidya2024.fig5 import fig5 as fig5
from figures.vaidya2024.fig6 import fig6 as fig6
from figures.vaidya2024.fig6 import fig15 as fig15
from figures.vaidya2024.fig7 import fig7 as fig7
from figures.vaidya2024.fig8 import fig8 as fig8
from figures.vaidya2024.fig10 import fig10 as fig10
from figures.vaidya2024.fig11 import fig11 as fig11
from figures.vaidya2024.fig12 import fig12 as fig12
from figures.vaidya2024.fig14 import fig14 as fig14
from figures.vaidya2024.jumps import jumps as jumps
from figures.vaidya2024.robustness import robustness as robustness
