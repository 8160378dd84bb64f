"""Who answers: decision makers, generative and discriminative, behind one contract (`base.Classifier`)."""
