package djinn.data.detection;

import djinn.data.Scene;
import djinn.data.Shapes;
import djinn.data.Source;
import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.util.List;
import java.util.Optional;

/**
 * Images with objects as a training takes them: to learn from, to validate with, and to be measured on at the very end.
 *
 * @param classes the names of the classes, by index
 * @param train to learn from
 * @param validation by which the best weights are chosen
 * @param test images that decide nothing, if there are some
 * @param summary what is used, a sentence a line
 * @param fingerprint a digest of both parts
 */
public record SceneSplits(
        List<String> classes,
        Source<Scene> train,
        Source<Scene> validation,
        Optional<Source<Scene>> test,
        List<String> summary,
        String fingerprint) {

    /** What masks are for. */
    public enum Masks {
        /** Boxes alone are read. */
        NONE,
        /** Training has masks where they are told, for mixing images; boxes then follow them. */
        MIXED,
        /** Masks are learned: every object of every part has to have one; boxes then follow them. */
        LEARNED
    }

    private static final int PAINTED = 320;
    private static final int HELD_OUT = 64;

    /** Copies the lists. */
    public SceneSplits {
        classes = List.copyOf(classes);
        summary = List.copyOf(summary);
    }

    /**
     * What is read from files.
     *
     * @param splits the lists
     * @param channels 1 or 3
     * @param smallest training goes without objects of which a side is of fewer pixels
     * @param leastVisible training goes without objects of which augmentation leaves a lesser share
     * @param masks what masks are for
     * @throws DataException if there is nothing to learn from, or masks are to be learned and an object has none
     */
    public static SceneSplits of(
            DetectionSplits splits, int channels, double smallest, double leastVisible, Masks masks) {
        boolean isLearned = masks == Masks.LEARNED;
        if (isLearned) {
            InstanceMasks.requireMasks(splits.train());
            InstanceMasks.requireMasks(splits.validation());
            splits.test().ifPresent(InstanceMasks::requireMasks);
        }
        DetectionSplits used = splits.withoutSmaller(smallest);
        long learnt = objects(used.train());
        long validating = objects(used.validation());
        if (learnt == 0 || validating == 0) {
            throw new DataException(used.source() + ": expected objects to learn from and to validate with, found "
                    + learnt + " and " + validating);
        }
        return new SceneSplits(
                used.classes(),
                used.train()
                        .scenes(new AnnotatedImage.Wanted(
                                channels, masks != Masks.NONE, false, smallest, leastVisible)),
                whole(used.validation(), channels, isLearned),
                used.test().map(data -> whole(data, channels, isLearned)),
                used.summary(),
                used.fingerprint());
    }

    private static Source<Scene> whole(ObjectData data, int channels, boolean withMasks) {
        return data.scenes(new AnnotatedImage.Wanted(channels, withMasks, true, 0, 0));
    }

    private static long objects(ObjectData part) {
        return part.images().stream()
                .flatMap(image -> image.annotations().stream())
                .filter(object -> !object.isCrowd())
                .count();
    }

    /** Painted discs and squares, 320 to learn from and 64 held out: see {@link Shapes#scene}. */
    public static SceneSplits painted(long seed) {
        return new SceneSplits(
                List.of("disc", "square"),
                painted(new Shapes(Randomness.mix(seed, 0), PAINTED)),
                painted(new Shapes(Randomness.mix(seed, 1), HELD_OUT)),
                Optional.empty(),
                List.of(PAINTED + " training, " + HELD_OUT + " validation images with painted discs and squares"),
                "painted shapes of seed " + seed);
    }

    private static Source<Scene> painted(Shapes shapes) {
        return new Source<>() {
            @Override
            public int size() {
                return shapes.size();
            }

            @Override
            public Scene example(int index) {
                return shapes.scene(index);
            }

            @Override
            public String name(int index) {
                return shapes.name(index);
            }
        };
    }
}
