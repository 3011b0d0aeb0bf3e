package djinn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Preprocessing;
import djinn.export.Exporter;
import djinn.export.onnx.OnnxOptions;
import djinn.inference.Answering;
import djinn.inference.Card;
import djinn.inference.Engine;
import djinn.inference.ImageCard;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.inference.ModelFile;
import djinn.inference.ModelInput;
import djinn.inference.text.StepExport;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.TextFile;
import djinn.predict.detection.DetectionAnswering;
import djinn.predict.detection.DetectionCard;
import djinn.tasks.Tasks;
import djinn.tasks.TrainedRun;
import djinn.training.Product;
import djinn.training.ProductPart;
import djinn.training.run.RunFolder;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.detection.Detector;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            "  djinn export runs/nuclei --to nuclei.onnx --parts",
            "  djinn export runs/shakespeare_gpt --to gpt.onnx --steps",
            "  djinn export runs/vae_mnist --part decoder --to decoder.onnx",
            "",
            "The file's ending says what is written: .onnx, .pt (TorchScript) or .safetensors. An ONNX file is run in",
            "ONNX Runtime before it gets its name; one that answers otherwise than the model is not kept."
        })
final class ExportCommand implements Runnable {

    private static final int SEED = 7;
    private static final String TOKENIZER = "tokenizer.json";
    private static final String LOGITS =
            "logits, (N, K), one per class of djinn.classes; a softmax makes probabilities";
    private static final String PROBABILITIES = "probabilities, (N, K), one per class of djinn.classes";

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "RUN|FILE", description = "The folder of a run, or weights saved by one.")
    private Path run;

    @Mixin
    private WeightsOptions weights = new WeightsOptions();

    @Mixin
    private ExportFile file = new ExportFile();

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--untrained",
            description = "Allow --model without weights: the model is written as it is before training.")
    private boolean untrained;

    @Option(
            names = "--part",
            paramLabel = "NAME",
            description = "A part of the run's model by itself: encoder or decoder of an autoencoder.")
    private String part;

    @Override
    public void run() {
        file.require(selection.given(), weights.sizeIsDynamic());
        selection.require();
        if (file.steps() && (run == null || !Files.isDirectory(run) || TaskOfFile.isClassification(run))) {
            throw new ParameterException(
                    spec.commandLine(), "expected --steps with the folder of a run of a model of text");
        }
        if (part != null
                && (run == null || !Files.isDirectory(run) || TaskOfFile.isClassification(run) || file.steps())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --part with the folder of a run of an autoencoder, and without --steps");
        }
        if (part != null && file.parts()) {
            throw new ParameterException(spec.commandLine(), "expected --part or --parts, got both");
        }
        if (untrained && run == null && !weights.given() && weights.model() != null) {
            fresh();
            return;
        }
        String task = task();
        Optional<Answering> answering = Tasks.answering(task);
        requireFit(answering, task);
        if (run != null && Files.isDirectory(run) && !TaskOfFile.isClassification(run)) {
            ofOtherTask();
            return;
        }
        Optional<LoadedModel<? extends Card>> own = ofItsOwnCard(answering);
        if (own.isPresent()) {
            try (LoadedModel<? extends Card> model = own.get()) {
                write(model);
            }
            return;
        }
        try (LoadedModel<ModelCard> classifier = classifier()) {
            Notes.print(classifier.notes(), spec);
            write(classifier.card(), classifier.block(), classifier.state());
        }
    }

    /** Refuses what is for detectors with models of another task. */
    private void requireFit(Optional<Answering> answering, String task) {
        selection.requireFit(answering, task);
        if (file.parts()
                && !answering.filter(DetectionAnswering.class::isInstance).isPresent()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --parts with a detector: models of the task " + task + " are written whole");
        }
    }

    /** The task of the run, or of weights by themselves. */
    private String task() {
        if (run != null) {
            return TaskOfFile.of(run, Optional.empty());
        }
        return weights.given() ? weights.task(Optional.of(Engine.PYTORCH)) : TaskOfFile.CLASSIFICATION;
    }

    /** Opens weights of another task than classification, which say what they are or whose task knows it. */
    private Optional<LoadedModel<? extends Card>> ofItsOwnCard(Optional<Answering> answering) {
        if (run == null
                && weights.given()
                && answering.filter(DetectionAnswering.class::isInstance).isPresent()) {
            return Optional.of(weights.detectorWeights());
        }
        boolean isFile = run == null ? weights.given() : Files.isRegularFile(run);
        if (!isFile) {
            return Optional.empty();
        }
        ModelFile own = ModelFile.of(run == null ? weights.file() : run, Optional.of(Engine.PYTORCH));
        return own.task().equals(TaskOfFile.CLASSIFICATION) || !own.holdsWeights()
                ? Optional.empty()
                : answering.map(
                        by -> LoadedModel.open(own.file(), by.card(own.metadata(), own.file()), weights.preference()));
    }

    /** Writes a model under the card of its file. */
    private void write(LoadedModel<? extends Card> model) {
        if (!(model.card() instanceof ImageCard card)) {
            throw new DataException(
                    run + ": a model of the task " + model.card().task() + " is exported by the folder of its run");
        }
        if (run != null && weights.incomplete()) {
            throw new ParameterException(
                    spec.commandLine(), "expected no --model and --classes with a file that says them itself, " + run);
        }
        if (file.softmax() || file.pixels() || untrained || weights.sizeIsDynamic()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected no --softmax, --pixels, --untrained and --size dynamic with a model of the task "
                            + card.task());
        }
        Notes.print(model.notes(), spec);
        Map<String, String> metadata = withOrigin(card.toMetadata());
        metadata.putAll(ofInput(card, model.block()));
        ExportFile.Written written = new ExportFile.Written(
                metadata.get("djinn.model"), model.block(), model.state(), card.preprocessing(), false, metadata);
        OnnxOptions options = selection.of(file.options(metadata), card, model.block());
        file.write(written, options);
    }

    private void ofOtherTask() {
        if (weights.given()
                || weights.incomplete()
                || file.softmax()
                || file.pixels()
                || file.half()
                || weights.sizeIsDynamic()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected a RUN with --to, --opset, --batch, --fold, --external, --steps, --part, --parts and --check: the other options are"
                            + " for classifiers, and " + run + " is of another task");
        }
        Map<String, String> metadata = withOrigin(Map.of());
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of())) {
            String task = trained.recipe().task();
            if (part != null) {
                ofPart(trained, metadata);
                return;
            }
            if (file.holdsWeights()) {
                Product product = trained.product();
                Map<String, String> all = new LinkedHashMap<>(product.metadata());
                all.putAll(metadata);
                file.writeWeights("a " + task + " run", StateDict.of(product.block()), all);
                return;
            }
            NamedBlock model = trained.product().block();
            if (file.steps()) {
                steps(trained, model, metadata);
                return;
            }
            Optional<DetectionCard> detector = model instanceof Detector
                    ? Optional.of(DetectionCard.fromMetadata(trained.product().metadata(), run))
                    : Optional.empty();
            detector.ifPresent(card -> metadata.putAll(ofInput(card, model)));
            OnnxOptions options = detector.map(card -> selection.of(file.options(metadata), card, model))
                    .orElseGet(() -> file.options(metadata));
            file.write(
                    "the model of a " + task + " run",
                    model,
                    detector.map(DetectionCard::preprocessing),
                    options,
                    () -> trained.export(file.to(), Math.max(1, file.images(model)), file.settings(options, model)));
            writeTokenizer(trained);
        }
    }

    /** Writes a part of the model by itself. */
    private void ofPart(TrainedRun trained, Map<String, String> origin) {
        String name = "the " + part + " of " + run;
        try (NDManager owner = PyTorch.newManager()) {
            ProductPart own = trained.part(part, owner);
            if (file.holdsWeights()) {
                Map<String, String> all = new LinkedHashMap<>(own.metadata());
                all.putAll(origin);
                file.writeWeights(name, StateDict.of(own.block()), all);
                return;
            }
            Exporter.Settings settings = file.settings(file.options(origin), own.block());
            file.tell(trained.exportPart(part, file.to(), Math.max(1, file.images(own.block())), settings), name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Writes what goes on token by token. */
    private void steps(TrainedRun trained, NamedBlock model, Map<String, String> origin) {
        Map<String, String> metadata = new LinkedHashMap<>(trained.product().metadata());
        metadata.putAll(origin);
        Exporter.Settings settings = file.settings(file.options(metadata), model);
        if (model instanceof LanguageModel language) {
            file.tell(StepExport.write(language, file.to(), settings), "a step");
        } else if (model instanceof SequenceToSequence pairs) {
            StepExport.write(pairs, file.to(), settings).forEach(exported -> file.tell(exported, "a step"));
        } else {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --steps with a model of text, " + run + " is of the task "
                            + trained.recipe().task());
        }
        writeTokenizer(trained);
    }

    /** What a run's model of text needs beside it for other runtimes; Djinn reads it in the file. */
    private void writeTokenizer(TrainedRun trained) {
        String json = trained.task().files().get(TOKENIZER);
        if (json != null) {
            Path beside = file.to().resolveSibling(TOKENIZER);
            AtomicFile.write(beside, channel -> channel.write(ByteBuffer.wrap(json.getBytes(UTF_8))));
            file.tellOf(beside, "its tokenizer");
        }
    }

    /** What a file says of its model's input, where it is a detector's of a fixed batch. */
    private Map<String, String> ofInput(Card card, NamedBlock model) {
        return card instanceof DetectionCard detector && !file.holdsWeights()
                ? detector.toMetadata(new ModelInput(false, file.images(model), false))
                : Map.of();
    }

    /** With what any file says about where it comes from. */
    private Map<String, String> withOrigin(Map<String, String> metadata) {
        Map<String, String> all = new LinkedHashMap<>(metadata);
        all.put("djinn.version", Version.own());
        if (run != null && Files.isDirectory(run)) {
            all.put("djinn.recipe", PortableRecipe.of(TextFile.read(run.resolve("recipe.yaml"))));
        }
        return all;
    }

    private LoadedModel<ModelCard> classifier() {
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
        Path best = Files.isDirectory(run) ? RunFolder.open(run).best() : run;
        return LoadedModel.open(best, ModelCard.require(best), Preference.EMA);
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

    private void fresh() {
        ModelEntry entry = Models.named(weights.model());
        requireFit(Tasks.answering(entry.task()), entry.task());
        ModelCard card = ModelCard.usual(entry, weights.classesOr(numbered(entry.classes())));
        ArrayBlock model = card.newModel();
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(SEED);
            model.initialize(manager);
            write(card, model, StateDict.of(model));
        }
    }

    /** Writes a model of the zoo under a card that the options make. */
    private void write(ModelCard opened, NamedBlock model, Map<String, NDArray> state) {
        Preprocessing images = weights.preprocessing(opened.preprocessing());
        ModelCard card = new ModelCard(opened.model(), opened.classes(), images);
        Map<String, String> metadata = withOrigin(metadata(card));
        OnnxOptions options = file.options(metadata);
        if (file.pixels()) {
            options = options.withPixels(new OnnxOptions.Pixels(images.mean(), images.std()));
        }
        file.write(
                new ExportFile.Written(card.model(), model, state, images, weights.sizeIsDynamic(), metadata), options);
    }

    /** What a file says of a model of the zoo: what its task does, and of a classifier what the options make of it. */
    private Map<String, String> metadata(ModelCard card) {
        String task = Models.named(card.model()).task();
        Card own = Tasks.answering(task).map(by -> by.card(card)).orElse(card);
        if (own != card) {
            if (file.softmax() || file.pixels()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "expected no --softmax and --pixels, which are for classifiers, with " + card.model()
                                + ", which is for " + task);
            }
            return own.toMetadata();
        }
        Map<String, String> metadata = card.toMetadata(
                file.holdsWeights()
                        ? ModelInput.USUAL
                        : new ModelInput(file.pixels(), file.images(), weights.sizeIsDynamic()));
        metadata.put(Card.OUTPUT, file.softmax() ? PROBABILITIES : LOGITS);
        return metadata;
    }
}
