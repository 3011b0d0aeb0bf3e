package djinn.cli;

import djinn.export.onnx.OnnxOptions;
import djinn.inference.Answering;
import djinn.inference.Card;
import djinn.predict.detection.DetectionAnswering;
import djinn.predict.detection.DetectionCard;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Masked;
import djinn.zoo.nn.NamedBlock;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The selection of boxes that the file of a detector may do itself. */
final class SelectionOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--nms",
            description = "Select the boxes of a detector in the file (ONNX): its outputs are boxes, scores, labels and"
                    + " counts; --conf, --iou and --max-det say which.")
    private boolean nms;

    @Mixin
    private ObjectOptions objects = new ObjectOptions();

    /** Whether the file selects boxes. */
    boolean given() {
        return nms;
    }

    /** Refuses a choice of objects where the file selects none. */
    void require() {
        if (objects.given() && !nms) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --nms with --conf, --iou and --max-det: without, all boxes are answered");
        }
    }

    /** Refuses a selection by models of a task that find no objects. */
    void requireFit(Optional<Answering> answering, String task) {
        if (nms && !answering.filter(DetectionAnswering.class::isInstance).isPresent()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --nms with a detector: models of the task " + task + " answer no boxes");
        }
    }

    /** What a file of a model holds, with the selection, which one that tells masks does in any case. */
    OnnxOptions of(OnnxOptions options, Card card, NamedBlock model) {
        return (nms || model instanceof Masked) && card instanceof DetectionCard detector
                ? detector.selecting(options, objects.choice(List.of()), (Detector) model)
                : options;
    }
}
