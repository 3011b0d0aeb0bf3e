package djinn.cli;

import djinn.inference.Answering;
import djinn.inference.ImagePredictor;
import djinn.predict.detection.DetectionAnswering;
import djinn.predict.detection.DetectionFile;
import djinn.predict.detection.DetectionFormat;
import djinn.predict.detection.ObjectChoice;
import djinn.predict.detection.ObjectDetector;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a detector is asked for, and where its answers go. */
final class DetectionOptions implements TaskOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private ObjectOptions objects = new ObjectOptions();

    @Option(
            names = "--format",
            paramLabel = "FORM",
            description = "Write the objects that a detector found for other tools, into --to: coco (results in a JSON"
                    + " file), yolo (a folder of text files) or voc (a folder of XML files).")
    private DetectionFormat format;

    @Option(
            names = "--ids",
            paramLabel = "FILE",
            description = "With --format coco, COCO's list of the images, whose numbers of images and categories are"
                    + " taken; they are found by name.")
    private Path ids;

    private List<String> classes = List.of();

    @Override
    public boolean areOf(Answering answering) {
        return answering instanceof DetectionAnswering;
    }

    @Override
    public boolean given() {
        return objects.given() || writes();
    }

    @Override
    public String place() {
        return "--conf, --iou, --max-det, --suppression and --format with a detector";
    }

    /** Whether answers go into a file. */
    boolean writes() {
        return format != null;
    }

    /** Refuses what does not go together. */
    void require(Path to) {
        if (format == DetectionFormat.COCO) {
            OutputFile.require("--to", to);
        }
        if ((writes() && to == null) || (ids != null && format != DetectionFormat.COCO)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --format FORM with --to PATH, and --ids FILE with --format coco alone");
        }
    }

    @Override
    public ImagePredictor<?> open(Asked asked) {
        ObjectChoice told = objects.choice(asked.weights().chosenClasses());
        ObjectChoice choice = asked.mirrored() ? told.withMirrored() : told;
        ObjectDetector detector = asked.named()
                .map(model -> ObjectDetector.open(model, asked.settings(), choice))
                .orElseGet(() -> asked.weights().detector(asked.settings(), choice));
        classes = detector.card().classes();
        return detector.asPredictor();
    }

    /** The file that answers of the model opened last go into; empty if they go into none. */
    Optional<DetectionFile> file(Path to) {
        return Optional.ofNullable(format).map(form -> form.start(to, classes, Optional.ofNullable(ids)));
    }
}
