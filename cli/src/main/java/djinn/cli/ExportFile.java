package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Preprocessing;
import djinn.export.Exporter;
import djinn.export.onnx.OnnxOptions;
import djinn.export.trace.DynamicAxis;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.detection.GivenRegionsExport;
import djinn.predict.detection.PartsExport;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.ProposingDetector;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.Safetensors;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The file that is written of a model: its form, and what it holds beside the weights. */
final class ExportFile {

    private static final int SEED = 7;

    private enum Kind {
        ONNX,
        PT,
        SAFETENSORS
    }

    /**
     * A model that a file is written of.
     *
     * @param name what it is called
     * @param block the model
     * @param state its arrays
     * @param images what it takes
     * @param anySize whether it takes images of any height and width
     * @param metadata what the file says of it
     */
    record Written(
            String name,
            NamedBlock block,
            Map<String, NDArray> state,
            Preprocessing images,
            boolean anySize,
            Map<String, String> metadata) {}

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--to", required = true, paramLabel = "FILE", description = "The file to write.")
    private Path to;

    @Option(
            names = "--opset",
            paramLabel = "N",
            defaultValue = "17",
            description = "The version of ONNX's operations, 17 to 21 (default: ${DEFAULT-VALUE}).")
    private int opset;

    @Option(
            names = "--batch",
            defaultValue = WeightsOptions.DYNAMIC,
            paramLabel = "N|dynamic",
            description = "Images in a batch (default: ${DEFAULT-VALUE}; 1 of detectors that look at regions).")
    private String batch;

    @Option(names = "--fp16", description = "Keep weights in half precision; ONNX still computes in single.")
    private boolean half;

    @Option(names = "--fold", description = "Fold batch normalisation into the convolution before it.")
    private boolean fold;

    @Option(names = "--softmax", description = "Answer with probabilities (ONNX).")
    private boolean softmax;

    @Option(
            names = "--pixels",
            description = "Take images of bytes, (N, H, W, C) from 0 to 255, and scale them in the file (ONNX).")
    private boolean pixels;

    @Option(names = "--external", description = "Keep ONNX's weights in a file beside it, FILE.data.")
    private boolean external;

    @Option(
            names = "--steps",
            description = "Go on token by token: a step with what is remembered, and of a translation NAME.encoder.onnx"
                    + " beside it (ONNX; models of text).")
    private boolean steps;

    @Option(
            names = "--parts",
            description =
                    "Write a detector of two stages in parts: NAME.first.onnx (maps and regions), NAME.boxes.onnx and,"
                            + " of one that tells masks, NAME.masks.onnx (ONNX).")
    private boolean parts;

    @Option(
            names = "--check",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Compare with ONNX Runtime, also on other batches; on unless --no-check.")
    private boolean check;

    /** Refuses what does not go together, or with a file of that form. */
    void require(boolean selectsBoxes, boolean anySize) {
        OutputFile.require("--to", to);
        Kind kind = kind();
        images();
        if (selectsBoxes && kind != Kind.ONNX) {
            throw mistake("expected --nms with --to FILE.onnx, got " + to);
        } else if ((softmax || external || pixels) && kind != Kind.ONNX) {
            throw mistake("expected --softmax, --pixels and --external with --to FILE.onnx, got " + to);
        } else if (steps && kind != Kind.ONNX) {
            throw mistake("expected --steps with --to FILE.onnx, got " + to);
        } else if (parts && kind != Kind.ONNX) {
            throw mistake("expected --parts with --to NAME.onnx, got " + to);
        } else if (pixels && anySize) {
            throw mistake("expected a fixed --size with --pixels");
        } else if (fold && kind == Kind.SAFETENSORS) {
            throw mistake("expected --fold with --to FILE.onnx or FILE.pt: folded weights would not fit the model");
        }
    }

    private Kind kind() {
        String name = to.getFileName().toString();
        for (Kind kind : Kind.values()) {
            if (name.endsWith("." + kind.name().toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw mistake("expected --to FILE.onnx, FILE.pt or FILE.safetensors, got " + to);
    }

    Path to() {
        return to;
    }

    /** Whether it holds weights alone, and no model that computes. */
    boolean holdsWeights() {
        return kind() == Kind.SAFETENSORS;
    }

    boolean softmax() {
        return softmax;
    }

    boolean pixels() {
        return pixels;
    }

    boolean steps() {
        return steps;
    }

    boolean parts() {
        return parts;
    }

    boolean half() {
        return half;
    }

    /** The images of a batch, or 0 for any number. */
    long images() {
        if (batch.equals(WeightsOptions.DYNAMIC)) {
            return 0;
        } else if (!batch.matches("[1-9]\\d{0,5}")) {
            throw mistake("expected --batch as a number or dynamic, got " + batch);
        }
        return Long.parseLong(batch);
    }

    /** The images of a batch that a model is written for, or 0 for any number; some take one at a time. */
    long images(NamedBlock model) {
        if (!(model instanceof Detector detector) || detector.tracesBatches()) {
            return images();
        } else if (images() > 1) {
            throw mistake("expected --batch 1 with a detector that looks at regions, which takes one image at a time"
                    + " in a file, got " + images());
        }
        return 1;
    }

    /** What an ONNX file holds. */
    OnnxOptions options(Map<String, String> metadata) {
        OnnxOptions options = OnnxOptions.DEFAULT.withOpset(opset).withMetadata(metadata);
        options = half ? options.withHalfWeights() : options;
        options = softmax ? options.withSoftmax() : options;
        return external ? options.withExternalFrom(0) : options;
    }

    /** How a model is exported whose images have one size. */
    Exporter.Settings settings(OnnxOptions options, NamedBlock model) {
        return settings(options, images(model) == 0 ? List.of(DynamicAxis.BATCH) : List.of());
    }

    private Exporter.Settings settings(OnnxOptions options, List<DynamicAxis> open) {
        return new Exporter.Settings(options, open, fold, check ? Exporter.Check.RANDOM : Exporter.Check.NONE);
    }

    /**
     * Writes the file, and tells of it.
     *
     * @param model what is written
     * @param options what an ONNX file holds
     */
    void write(Written model, OnnxOptions options) {
        if (holdsWeights()) {
            writeWeights(model.name, model.state, model.metadata);
            return;
        }
        write(model.name, model.block, Optional.of(model.images), options, () -> whole(model, options));
    }

    private Exporter.Exported whole(Written model, OnnxOptions options) {
        Preprocessing images = model.images;
        Shape shape = new Shape(Math.max(1, images(model.block)), images.channels(), images.height(), images.width());
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(SEED);
            NDList example = new NDList(manager.randomNormal(0f, 1f, shape, DataType.FLOAT32));
            List<DynamicAxis> open =
                    new ArrayList<>(settings(options, model.block).open());
            if (model.anySize) {
                open.add(DynamicAxis.height(images.height()));
                open.add(DynamicAxis.width(images.width()));
            }
            return Exporter.write(model.block, example, to, settings(options, open));
        }
    }

    /**
     * Writes a model that computes, in a way of its own where it has one, and tells of each file.
     *
     * @param name what it is called to the user
     * @param model what is written
     * @param images what a detector's are made of; empty for models of other tasks
     * @param options what an ONNX file holds
     * @param whole writes it in one file as any other model
     */
    void write(
            String name,
            NamedBlock model,
            Optional<Preprocessing> images,
            OnnxOptions options,
            Supplier<Exporter.Exported> whole) {
        if (images.isPresent() && model instanceof Detector detector && isOwnWay(detector)) {
            writeOwnWay(name, detector, images.get(), options);
        } else {
            tell(whole.get(), name);
        }
    }

    /** Whether a detector is written in a way of its own: in parts, or with regions beside the images. */
    private boolean isOwnWay(Detector model) {
        return parts || model.takesRegions();
    }

    private void writeOwnWay(String name, Detector model, Preprocessing images, OnnxOptions options) {
        if (!parts) {
            tell(GivenRegionsExport.write(model, images, to, settings(options, model)), name);
            return;
        }
        if (!(model instanceof ProposingDetector)) {
            throw mistake("expected --parts with a detector that proposes regions, such as faster_rcnn: this one has no"
                    + " parts, export it whole");
        }
        PartsExport.write(model, images, to, settings(options, model)).forEach(part -> tell(part, "a part"));
    }

    /** Writes weights, and tells of them. */
    void writeWeights(String name, Map<String, NDArray> state, Map<String, String> metadata) {
        tellTooLarge(WeightsCommand.tooLarge(Safetensors.write(to, state, metadata, half ? Dtype.F16 : Dtype.F32)));
        print(to + ": the weights of " + name);
    }

    /** Tells what was exported. */
    void tell(Exporter.Exported exported, String model) {
        tellTooLarge(exported.keptInFloat32());
        if (exported.opset().isEmpty()) {
            print(exported.file() + ": " + model + " as TorchScript");
            return;
        }
        String outcome = exported.difference().isEmpty()
                ? "not checked"
                : String.format(
                        Locale.ROOT,
                        "ONNX Runtime differs by at most %.2g of the largest output",
                        exported.difference().getAsDouble());
        print(exported.file() + ": opset " + exported.opset().getAsInt() + ", " + outcome + selected(exported));
    }

    /** Tells of a file beside. */
    void tellOf(Path beside, String what) {
        print(beside + ": " + what);
    }

    private static String selected(Exporter.Exported exported) {
        if (exported.boxes().isEmpty()) {
            return "";
        }
        int boxes = exported.boxes().getAsInt();
        return boxes == 0
                ? "; no box came out, so that its selection was not compared"
                : "; it selects the same " + boxes + " boxes";
    }

    private void tellTooLarge(List<String> arrays) {
        if (!arrays.isEmpty()) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("warning: kept in float32, for values beyond 65,504: " + String.join(", ", arrays));
            err.flush();
        }
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
