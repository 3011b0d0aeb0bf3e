package djinn.tasks.imagetranslation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is told of generators that translate: {@code generator_loss} and {@code discriminator_loss}, the sums of what each
 * side lowers; {@code cycle_error}, the mean absolute difference, on a scale from 0 to 1, between an image and what comes
 * back of it, and the same of each domain; and each term.
 */
public final class ImageTranslationFigures extends DomainFigures {

    private static final String GENERATOR = "generator_loss";
    private static final String DISCRIMINATOR = "discriminator_loss";
    private static final String CYCLE = "cycle_error";
    private static final List<String> CYCLES = List.of("cycle_error_a", "cycle_error_b");

    /**
     * Figures of nothing yet.
     *
     * @param identity whether there are terms of identity
     */
    public ImageTranslationFigures(boolean identity) {
        super(names(identity));
    }

    private static List<String> names(boolean identity) {
        List<String> names = new ArrayList<>(List.of(GENERATOR, DISCRIMINATOR, CYCLE));
        names.addAll(CYCLES);
        for (String term : identity ? List.of("gan", "cycle", "identity") : List.of("gan", "cycle")) {
            names.add(term + "_a");
            names.add(term + "_b");
        }
        names.add("discriminator_a");
        names.add("discriminator_b");
        return names;
    }

    /** An outcome of the generators answers, of each domain, how far what comes back is off: 0 to 2. */
    @Override
    protected void derive(Map<String, Double> terms, List<Double> answers, int images) {
        double generator = 0;
        double discriminator = 0;
        boolean judges = false;
        for (Map.Entry<String, Double> term : terms.entrySet()) {
            if (term.getKey().startsWith("discriminator")) {
                discriminator += term.getValue();
                judges = true;
            } else {
                generator += term.getValue();
            }
        }
        if (judges) {
            count(DISCRIMINATOR, discriminator, images);
        }
        if (!answers.isEmpty()) {
            count(GENERATOR, generator, images);
            double sum = 0;
            for (int i = 0; i < CYCLES.size(); i++) {
                double error = answers.get(i) / VALUE_RANGE;
                count(CYCLES.get(i), error, images);
                sum += error;
            }
            count(CYCLE, sum / CYCLES.size(), images);
        }
    }
}
