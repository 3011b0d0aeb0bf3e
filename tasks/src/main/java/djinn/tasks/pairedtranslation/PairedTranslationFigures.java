package djinn.tasks.pairedtranslation;

import djinn.tasks.imagetranslation.DomainFigures;
import java.util.List;
import java.util.Map;

/**
 * What is told of a generator that learns from pairs: {@code difference}, the mean absolute difference, on a scale from 0 to
 * 1, between what it makes and the image that belongs there; and each term, {@code gan}, {@code l1} and {@code
 * discriminator}.
 */
public final class PairedTranslationFigures extends DomainFigures {

    static final String DIFFERENCE = "difference";
    static final String GAN = "gan";
    static final String L1 = "l1";
    static final String DISCRIMINATOR = "discriminator";

    /** Figures of nothing yet. */
    public PairedTranslationFigures() {
        super(List.of(DIFFERENCE, GAN, L1, DISCRIMINATOR));
    }

    /** An outcome of the generator answers the difference: 0 to 2. */
    @Override
    protected void derive(Map<String, Double> terms, List<Double> answers, int images) {
        answers.forEach(difference -> count(DIFFERENCE, difference / VALUE_RANGE, images));
    }
}
