package djinn.cli;

import djinn.ops.Suppression;
import djinn.predict.detection.ObjectChoice;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Which of the objects that a detector sees are told. */
final class ObjectOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--conf",
            paramLabel = "SCORE",
            description = "Of a detector, the score that objects are told above, 0 to 1 (default: 0.25).")
    private Double leastScore;

    @Option(
            names = "--iou",
            paramLabel = "SHARE",
            description = "Of a detector, the overlap (IoU) with a surer object above which one is dropped; its own if"
                    + " left out.")
    private Double overlap;

    @Option(
            names = "--max-det",
            paramLabel = "N",
            description = "Of a detector, the most objects of an image; its own if left out.")
    private Integer most;

    @Option(
            names = "--suppression",
            paramLabel = "RULE",
            converter = Suppressions.class,
            description =
                    "Of a detector, what becomes of objects that overlap a surer one of their class: nms drops them,"
                            + " soft_nms and soft_nms_linear make them less sure, box_voting lets them move it. soft_nms=0.3 and"
                            + " box_voting=0.05 set the width of the rule. What it was validated with if left out.")
    private Suppression suppression;

    private static final class Suppressions implements ITypeConverter<Suppression> {

        @Override
        public Suppression convert(String text) {
            try {
                return Suppression.of(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    boolean given() {
        return leastScore != null || overlap != null || most != null || suppression != null;
    }

    /** What is chosen, of some classes or, with none, of all. */
    ObjectChoice choice(List<String> classes) {
        if (!isShare(leastScore) || !isShare(overlap) || (most != null && most < 1)) {
            throw new ParameterException(
                    spec.commandLine(), "expected --conf and --iou from 0 to 1, and --max-det of at least 1");
        }
        return new ObjectChoice(
                leastScore == null ? OptionalDouble.empty() : OptionalDouble.of(leastScore),
                overlap == null ? OptionalDouble.empty() : OptionalDouble.of(overlap),
                classes,
                most == null ? OptionalInt.empty() : OptionalInt.of(most),
                Optional.ofNullable(suppression),
                false);
    }

    private static boolean isShare(Double share) {
        return share == null || (share >= 0 && share <= 1);
    }
}
