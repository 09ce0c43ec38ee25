"""Figures of Nadolny and Bruder, Phys. Rev. Lett. 131, 190402 (2023), from the datasets of the plans of the same names."""

from figures.nadolny2023.classical import classical as classical
from figures.nadolny2023.fig2 import fig2 as fig2
from figures.nadolny2023.fig3 import fig3 as fig3
from figures.nadolny2023.fig4 import fig4 as fig4
from figures.nadolny2023.figS1 import figS1 as figS1
from figures.nadolny2023.figS2 import figS2 as figS2
from figures.nadolny2023.figS3 import figS3 as figS3
from figures.nadolny2023.figS4 import figS4 as figS4
from figures.nadolny2023.finite import finite as finite
