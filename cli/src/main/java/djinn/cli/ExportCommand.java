package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Preprocessing;
import djinn.export.onnx.OnnxOptions;
import djinn.export.torchscript.TorchScriptWriter;
import djinn.export.trace.BatchNormFolding;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.export.trace.HalfWeights;
import djinn.export.trace.Tracer;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.inference.ModelInput;
import djinn.ops.AtomicFile;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
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
            "",
            "The file's ending says what is written: .onnx, .pt (TorchScript) or .safetensors. An ONNX file is run in",
            "ONNX Runtime before it gets its name; one that answers otherwise than the model is not kept."
        })
final class ExportCommand implements Runnable {

    private static final int SEED = 7;
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
        if (untrained && run == null && !weights.given() && weights.model() != null) {
            fresh(kind, images);
            return;
        }
        if (run != null && Files.isDirectory(run) && !TaskOfFile.isClassification(run)) {
            ofOtherTask(images);
            return;
        }
        try (LoadedModel<ModelCard> classifier = open()) {
            Notes.print(classifier.notes(), spec);
            write(kind, images, classifier.card(), classifier.block(), classifier.state());
        }
    }

    private void ofOtherTask(long images) {
        if (weights.given() || weights.incomplete() || softmax || pixels || half || weights.sizeIsDynamic()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected a RUN with --to, --opset, --batch, --fold, --external and --check: the other options are"
                            + " for classifiers, and " + run + " is of another task");
        }
        OnnxOptions options = OnnxOptions.DEFAULT.withOpset(opset);
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("djinn.version", Version.own());
        metadata.put("djinn.recipe", PortableRecipe.of(text(run.resolve("recipe.yaml"))));
        print(new RunExport(to, external ? options.withExternalFrom(0) : options, images, fold, check)
                .write(RunFolder.open(run), metadata));
    }

    private Kind kind() {
        String name = to.getFileName().toString();
        for (Kind kind : Kind.values()) {
            if (name.endsWith("." + kind.name().toLowerCase(Locale.ROOT))) {
                boolean onnx = kind == Kind.ONNX;
                if ((softmax || external || pixels) && !onnx) {
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
        metadata.put("djinn.version", Version.own());
        if (run != null && Files.isDirectory(run)) {
            metadata.put("djinn.recipe", PortableRecipe.of(text(run.resolve("recipe.yaml"))));
        }
        if (kind == Kind.SAFETENSORS) {
            Map<String, Long> tooLarge = Safetensors.write(to, state, metadata, half ? Dtype.F16 : Dtype.F32);
            tellTooLarge(WeightsCommand.tooLarge(tooLarge));
            print(to + ": the weights of " + card.model());
            return;
        }
        List<DynamicAxis> axes = axes(images, preprocessing);
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(SEED);
            NDList example = new NDList(manager.randomNormal(
                    0f,
                    1f,
                    new Shape(
                            Math.max(1, images),
                            preprocessing.channels(),
                            preprocessing.height(),
                            preprocessing.width()),
                    DataType.FLOAT32));
            try (Graph traced =
                    axes.isEmpty() ? Tracer.trace(model, example) : DynamicTrace.trace(model, example, axes)) {
                Graph folded = fold ? BatchNormFolding.apply(traced) : traced;
                Graph graph = half ? HalfWeights.rounded(folded) : folded;
                requireFinite(graph.run(example));
                if (half) {
                    tellTooLarge(HalfWeights.tooLarge(folded));
                }
                if (kind == Kind.PT) {
                    TorchScriptWriter.write(graph, to, Map.of("djinn.json", Json.line(metadata)));
                    print(to + ": " + card.model() + " as TorchScript");
                } else {
                    // rounded weights compute something else: then the file must compute what they do
                    UnaryOperator<NDList> reference = half ? graph::run : inputs -> forward(model, inputs);
                    print(new OnnxExport(to, options(metadata, preprocessing), check)
                            .write(graph, preprocessing, reference, example, axes));
                }
            }
        }
    }

    private void requireFinite(NDList answers) {
        for (NDArray answer : answers) {
            for (float value : answer.toFloatArray()) {
                if (!Float.isFinite(value)) {
                    throw new NotFiniteException("expected a model of finite answers, it answers " + value
                            + " to an input of normal numbers; look at its weights; " + to + " was not written");
                }
            }
        }
    }

    private OnnxOptions options(Map<String, String> metadata, Preprocessing preprocessing) {
        OnnxOptions options = OnnxOptions.DEFAULT.withOpset(opset).withMetadata(metadata);
        options = half ? options.withHalfWeights() : options;
        options = softmax ? options.withSoftmax() : options;
        if (pixels) {
            options = options.withPixels(new OnnxOptions.Pixels(preprocessing.mean(), preprocessing.std()));
        }
        return external ? options.withExternalFrom(0) : options;
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

    private static NDList forward(NamedBlock model, NDList inputs) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return model.forward(new ParameterStore(inputs.getManager(), false), inputs, false);
        }
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
