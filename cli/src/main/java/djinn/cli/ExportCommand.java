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
import djinn.inference.Engine;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.inference.ModelFile;
import djinn.inference.ModelInput;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.tasks.Tasks;
import djinn.tasks.TrainedRun;
import djinn.tasks.detection.DetectionCard;
import djinn.training.Product;
import djinn.training.run.RunFolder;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "export",
        description = "Write a trained model as ONNX, TorchScript or safetensors.",
        footer = {
            "",
            "  djinn export runs/nin_digits --to digits.onnx",
            "  djinn export --weights djinn:resnet18 --to resnet18.onnx --fold --softmax",
            "  djinn export runs/nin_digits --to digits.onnx --batch 1 --size 32x32",
            "  djinn export runs/cells --to cells.onnx --nms --conf 0.4",
            "",
            "The file's ending says what is written: .onnx, .pt (TorchScript) or .safetensors. An ONNX file is run in",
            "ONNX Runtime before it gets its name; one that answers otherwise than the model is not kept."
        })
final class ExportCommand implements Runnable {

    private static final int SEED = 7;
    private static final String CLASSIFICATION = "classification";
    private static final String DETECTION = "detection";
    private static final String LOGITS =
            "logits, (N, K), one per class of djinn.classes; a softmax makes probabilities";
    private static final String PROBABILITIES = "probabilities, (N, K), one per class of djinn.classes";

    private enum Kind {
        ONNX,
        PT,
        SAFETENSORS
    }

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "RUN|FILE", description = "The folder of a run, or weights saved by one.")
    private Path run;

    @Mixin
    private WeightsOptions weights = new WeightsOptions();

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
            description = "Images in a batch (default: ${DEFAULT-VALUE}).")
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
            names = "--nms",
            description = "Select the boxes of a detector in the file (ONNX): its outputs are boxes, scores, labels and"
                    + " counts; --conf, --iou and --max-det say which.")
    private boolean nms;

    @Mixin
    private ObjectOptions objects = new ObjectOptions();

    @Option(
            names = "--untrained",
            description = "Allow --model without weights: the model is written as it is before training.")
    private boolean untrained;

    @Option(
            names = "--check",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Compare with ONNX Runtime, also on other batches; on unless --no-check.")
    private boolean check;

    @Override
    public void run() {
        OutputFile.require("--to", to);
        Kind kind = kind();
        long images = images();
        if (objects.given() && !nms) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --nms with --conf, --iou and --max-det: without, all boxes are answered");
        }
        if (untrained && run == null && !weights.given() && weights.model() != null) {
            fresh(kind, images);
            return;
        }
        if (run != null && Files.isDirectory(run) && !TaskOfFile.isClassification(run)) {
            ofOtherTask(kind, images);
            return;
        }
        String task = weightsTask();
        if (task.equals(DETECTION)) {
            try (LoadedModel<DetectionCard> model = detector()) {
                DetectionCard card = model.card();
                ofCard(kind, images, model, card.preprocessing(), options -> selecting(options, card));
            }
            return;
        } else if (nms) {
            throw noBoxes(task);
        }
        Optional<LoadedModel<?>> other = ofItsOwnCard();
        if (other.isPresent()) {
            try (LoadedModel<?> model = other.get()) {
                ModelCard card = ModelCard.fromMetadata(model.card().toMetadata(), to)
                        .orElseThrow(() -> new DataException(
                                run + ": a model of the task " + task + " is exported by the folder of its run"));
                ofCard(kind, images, model, card.preprocessing(), options -> options);
            }
            return;
        }
        try (LoadedModel<ModelCard> classifier = open()) {
            Notes.print(classifier.notes(), spec);
            write(kind, images, classifier.card(), classifier.block(), classifier.state());
        }
    }

    private ParameterException noBoxes(String task) {
        return new ParameterException(
                spec.commandLine(), "expected --nms with a detector: models of the task " + task + " answer no boxes");
    }

    /** The task of weights by themselves. */
    private String weightsTask() {
        if (run != null) {
            return TaskOfFile.of(run, Optional.empty());
        }
        return weights.given() ? weights.task(Optional.of(Engine.PYTORCH)) : CLASSIFICATION;
    }

    /** Opens weights that say of themselves that they are of another task than classification. */
    private Optional<LoadedModel<?>> ofItsOwnCard() {
        boolean isFile = run == null ? weights.given() : Files.isRegularFile(run);
        if (!isFile) {
            return Optional.empty();
        }
        ModelFile file = ModelFile.of(run == null ? weights.file() : run, Optional.of(Engine.PYTORCH));
        return file.task().equals(CLASSIFICATION) || !file.holdsWeights()
                ? Optional.empty()
                : Tasks.answering(file.task())
                        .map(answering -> LoadedModel.open(
                                file.file(), answering.card(file.metadata(), file.file()), weights.preference()));
    }

    private void ofCard(
            Kind kind, long images, LoadedModel<?> model, Preprocessing shape, UnaryOperator<OnnxOptions> selecting) {
        String name = model.card().toMetadata().get("djinn.model");
        String task = model.card().task();
        if (run != null && weights.incomplete()) {
            throw new ParameterException(
                    spec.commandLine(), "expected no --model and --classes with a file that says them itself, " + run);
        }
        if (softmax || pixels || untrained || weights.sizeIsDynamic()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected no --softmax, --pixels, --untrained and --size dynamic with a model of the task " + task);
        }
        try (NDManager manager = PyTorch.newManager()) {
            Notes.print(model.notes(), spec);
            Map<String, String> metadata = new LinkedHashMap<>(model.card().toMetadata());
            addOrigin(metadata);
            if (kind == Kind.SAFETENSORS) {
                tellTooLarge(WeightsCommand.tooLarge(
                        Safetensors.write(to, model.state(), metadata, half ? Dtype.F16 : Dtype.F32)));
                print(to + ": the weights of " + name);
                return;
            }
            Randomness.seed(SEED);
            NDList example = new NDList(manager.randomNormal(
                    0f,
                    1f,
                    new Shape(Math.max(1, images), shape.channels(), shape.height(), shape.width()),
                    DataType.FLOAT32));
            List<DynamicAxis> open = images == 0 ? List.of(DynamicAxis.BATCH) : List.of();
            Exporter.Exported exported =
                    Exporter.write(model.block(), example, to, settings(selecting.apply(options(metadata)), open));
            tellTooLarge(exported.keptInFloat32());
            print(told(exported, name));
        }
    }

    private LoadedModel<DetectionCard> detector() {
        if (run == null) {
            return weights.detectorWeights();
        }
        ModelFile file = ModelFile.of(run, Optional.of(Engine.PYTORCH));
        return LoadedModel.open(file.file(), DetectionCard.fromMetadata(file.metadata(), file.file()), Preference.EMA);
    }

    private OnnxOptions selecting(OnnxOptions options, DetectionCard card) {
        return nms ? card.selecting(options, objects.choice(List.of())) : options;
    }

    private void ofOtherTask(Kind kind, long images) {
        if (weights.given() || weights.incomplete() || softmax || pixels || half || weights.sizeIsDynamic()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected a RUN with --to, --opset, --batch, --fold, --external and --check: the other options are"
                            + " for classifiers, and " + run + " is of another task");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        addOrigin(metadata);
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of())) {
            String task = trained.recipe().task();
            if (nms && !task.equals(DETECTION)) {
                throw noBoxes(task);
            }
            if (kind == Kind.SAFETENSORS) {
                Product product = trained.product();
                Map<String, String> all = new LinkedHashMap<>(product.metadata());
                all.putAll(metadata);
                Safetensors.write(to, StateDict.of(product.block()), all, Dtype.F32);
                print(to + ": the weights of a " + task + " run");
                return;
            }
            List<DynamicAxis> open = images == 0 ? List.of(DynamicAxis.BATCH) : List.of();
            OnnxOptions options = nms
                    ? selecting(
                            options(metadata),
                            DetectionCard.fromMetadata(trained.product().metadata(), run))
                    : options(metadata);
            Exporter.Settings settings = settings(options, open);
            print(told(trained.export(to, Math.max(1, images), settings), "the model of a " + task + " run"));
        }
    }

    /** What any file says about where it comes from. */
    private void addOrigin(Map<String, String> metadata) {
        metadata.put("djinn.version", Version.own());
        if (run != null && Files.isDirectory(run)) {
            metadata.put("djinn.recipe", PortableRecipe.of(text(run.resolve("recipe.yaml"))));
        }
    }

    private Kind kind() {
        String name = to.getFileName().toString();
        for (Kind kind : Kind.values()) {
            if (name.endsWith("." + kind.name().toLowerCase(Locale.ROOT))) {
                boolean onnx = kind == Kind.ONNX;
                if (nms && !onnx) {
                    throw new ParameterException(spec.commandLine(), "expected --nms with --to FILE.onnx, got " + to);
                } else if ((softmax || external || pixels) && !onnx) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "expected --softmax, --pixels and --external with --to FILE.onnx, got " + to);
                } else if (pixels && weights.sizeIsDynamic()) {
                    throw new ParameterException(spec.commandLine(), "expected a fixed --size with --pixels");
                } else if (fold && kind == Kind.SAFETENSORS) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "expected --fold with --to FILE.onnx or FILE.pt: folded weights would not fit the model");
                }
                return kind;
            }
        }
        throw new ParameterException(
                spec.commandLine(), "expected --to FILE.onnx, FILE.pt or FILE.safetensors, got " + to);
    }

    /** The images of a batch, or 0 for any number. */
    private long images() {
        if (batch.equals(WeightsOptions.DYNAMIC)) {
            return 0;
        } else if (!batch.matches("[1-9]\\d{0,5}")) {
            throw new ParameterException(spec.commandLine(), "expected --batch as a number or dynamic, got " + batch);
        }
        return Long.parseLong(batch);
    }

    private LoadedModel<ModelCard> open() {
        if (run == null ? !weights.given() : weights.given() || weights.incomplete()) {
            throw new ParameterException(
                    spec.commandLine(),
                    run != null
                            ? "expected a RUN or --weights, got both"
                            : weights.model() == null
                                    ? "expected a RUN, or --weights FILE (and --model MODEL)"
                                    : "expected --weights FILE with --model " + weights.model()
                                            + ", or --untrained to write it as it is before training");
        } else if (run == null) {
            return weights.openForAnySize(this::numbered);
        }
        Path file = Files.isDirectory(run) ? RunFolder.open(run).best() : run;
        return LoadedModel.open(file, ModelCard.require(file), Preference.EMA);
    }

    /** Names for classes that nobody named. */
    private List<String> numbered() {
        if (weights.model() == null) {
            throw new ParameterException(spec.commandLine(), "expected --classes FILE: the weights do not name them");
        }
        return numbered(Models.named(weights.model()).classes());
    }

    private static List<String> numbered(int classes) {
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    private void fresh(Kind kind, long images) {
        ModelEntry entry = Models.named(weights.model());
        ModelCard card = ModelCard.usual(entry, weights.classesOr(numbered(entry.classes())));
        ArrayBlock model = card.newModel();
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(SEED);
            model.initialize(manager);
            write(kind, images, card, model, StateDict.of(model));
        }
    }

    private void write(Kind kind, long images, ModelCard opened, NamedBlock model, Map<String, NDArray> state) {
        Preprocessing preprocessing = weights.preprocessing(opened.preprocessing());
        ModelCard card = new ModelCard(opened.model(), opened.classes(), preprocessing);
        ModelInput input =
                kind == Kind.SAFETENSORS ? ModelInput.USUAL : new ModelInput(pixels, images, weights.sizeIsDynamic());
        Map<String, String> metadata = card.toMetadata(input);
        metadata.put("djinn.output", softmax ? PROBABILITIES : LOGITS);
        String task = Models.named(card.model()).task();
        if (!task.equals(TaskOfFile.CLASSIFICATION) && Tasks.answering(task).isPresent()) {
            if (softmax || pixels) {
                throw new ParameterException(
                        spec.commandLine(),
                        "expected no --softmax and --pixels, which are for classifiers, with " + card.model()
                                + ", which is for " + task);
            }
            metadata = new LinkedHashMap<>(
                    Tasks.answering(task).orElseThrow().card(card).toMetadata());
        }
        addOrigin(metadata);
        if (kind == Kind.SAFETENSORS) {
            Map<String, Long> tooLarge = Safetensors.write(to, state, metadata, half ? Dtype.F16 : Dtype.F32);
            tellTooLarge(WeightsCommand.tooLarge(tooLarge));
            print(to + ": the weights of " + card.model());
            return;
        }
        OnnxOptions options = options(metadata);
        if (pixels) {
            options = options.withPixels(new OnnxOptions.Pixels(preprocessing.mean(), preprocessing.std()));
        }
        Shape shape =
                new Shape(Math.max(1, images), preprocessing.channels(), preprocessing.height(), preprocessing.width());
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(SEED);
            NDList example = new NDList(manager.randomNormal(0f, 1f, shape, DataType.FLOAT32));
            Exporter.Exported exported =
                    Exporter.write(model, example, to, settings(options, axes(images, preprocessing)));
            tellTooLarge(exported.keptInFloat32());
            print(told(exported, card.model()));
        }
    }

    private OnnxOptions options(Map<String, String> metadata) {
        OnnxOptions options = OnnxOptions.DEFAULT.withOpset(opset).withMetadata(metadata);
        options = half ? options.withHalfWeights() : options;
        options = softmax ? options.withSoftmax() : options;
        return external ? options.withExternalFrom(0) : options;
    }

    private Exporter.Settings settings(OnnxOptions options, List<DynamicAxis> open) {
        return new Exporter.Settings(options, open, fold, check ? Exporter.Check.RANDOM : Exporter.Check.NONE);
    }

    private static String told(Exporter.Exported exported, String model) {
        if (exported.opset().isEmpty()) {
            return exported.file() + ": " + model + " as TorchScript";
        }
        String outcome = exported.difference().isEmpty()
                ? "not checked"
                : String.format(
                        Locale.ROOT,
                        "ONNX Runtime differs by at most %.2g of the largest output",
                        exported.difference().getAsDouble());
        String boxes = exported.boxes().isEmpty()
                ? ""
                : exported.boxes().getAsInt() == 0
                        ? "; no box came out, so that its selection was not compared"
                        : "; it selects the same " + exported.boxes().getAsInt() + " boxes";
        return exported.file() + ": opset " + exported.opset().getAsInt() + ", " + outcome + boxes;
    }

    private void tellTooLarge(List<String> arrays) {
        if (!arrays.isEmpty()) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("warning: kept in float32, for values beyond 65,504: " + String.join(", ", arrays));
            err.flush();
        }
    }

    private List<DynamicAxis> axes(long images, Preprocessing preprocessing) {
        List<DynamicAxis> axes = new ArrayList<>();
        if (images == 0) {
            axes.add(DynamicAxis.BATCH);
        }
        if (weights.sizeIsDynamic()) {
            axes.add(DynamicAxis.height(preprocessing.height()));
            axes.add(DynamicAxis.width(preprocessing.width()));
        }
        return axes;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
