"""How good the labels and the read facts are: figures from labelled sets. Pure: values in, values out.

labelled    what readers said of each call, and which calls are of one family
tally       one call compared with its labels, as counts that can be added up
figures     the main figures and the table of classes, from a tally
intervals   how far a figure would move with other calls: bootstrap over families
kappa       agreement beyond chance: Cohen, weighted Cohen, Krippendorff with the MASI distance
agreement   two readers compared with each other
mistakes    the calls that went most wrong, with the classifier's reasons
facts       facts read from prose compared with those that a reader found
"""
