package djinn.cli;

import djinn.cli.ImageArguments.Source;
import djinn.inference.Answer;
import djinn.inference.Answering;
import djinn.inference.Engine;
import djinn.inference.ImageClassifier;
import djinn.inference.ImagePredictor;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.TensorModel;
import djinn.ops.DataException;
import djinn.ops.DeviceName;
import djinn.ops.TextFile;
import djinn.predict.detection.DetectionAnswering;
import djinn.predict.detection.DetectionCard;
import djinn.predict.detection.DetectionFile;
import djinn.tasks.Tasks;
import djinn.zoo.detection.Detector;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "predict",
        description =
                "Ask a model about images: their classes, the classes of their pixels, or the objects in them; about"
                        + " texts: their classes; or run it on arrays.",
        footer = {
            "",
            "  djinn predict runs/nin_digits digit.png other.png --json",
            "  djinn predict model.onnx photos/ 'more/*.jpg'",
            "  djinn predict --model squeezenet1_1 --weights FILE --classes FILE photo.jpg",
            "  djinn predict runs/cells photos/ --conf 0.5 --classes RBC,WBC --save drawn",
            "  djinn predict --model fastestdet --weights FILE photos/ --format coco --to found.json",
            "  djinn predict runs/sentence_kinds 'where do you live' --lines more.txt --json",
            "  find photos -name '*.jpg' | djinn predict runs/photos --files-from - --csv",
            "  djinn predict --model unet --weights FILE --tensors in.safetensors --to out.safetensors"
        })
final class PredictCommand implements Callable<Integer> {

    private static final int TOP = 5;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "RUN FILE",
            hideParamSyntax = true,
            description =
                    "The folder of a run, a safetensors file saved by one, an ONNX or TorchScript file, and images:"
                            + " files, folders, patterns, or - for one on standard input; with --weights, images only. Of"
                            + " a model of texts, texts.")
    private List<String> given = List.of();

    @Mixin
    private WeightsOptions weights = new WeightsOptions();

    @Mixin
    private DetectionOptions detection = new DetectionOptions();

    @Mixin
    private ViewOptions views = new ViewOptions();

    @Option(
            names = "--flip",
            description = "Look at the mirror image too: the probabilities of a segmenter are averaged, the boxes of a"
                    + " detector fused.")
    private boolean flip;

    @Option(names = "--top", paramLabel = "N", description = "Classes told for each image (default: 5).")
    private Integer top;

    @Option(
            names = "--files-from",
            paramLabel = "FILE",
            description = "Take images from a list too, one path per line; - reads it from standard input.")
    private String list;

    @Option(
            names = "--lines",
            paramLabel = "FILE",
            description = "Take texts from a file too, one per line; - reads them from standard input.")
    private String lines;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            description = "What computes the model: pytorch, or onnx, which takes an ONNX file or the best.onnx of a"
                    + " run. If left out, the one that the file is for.")
    private Engine engine;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Images computed together (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "2",
            description = "Threads that decode images (default: ${DEFAULT-VALUE}).")
    private int workers;

    @Option(
            names = "--tensors",
            paramLabel = "FILE",
            description = "Instead of images, run the model on every array of a safetensors file, as it is.")
    private Path tensors;

    @Option(
            names = "--to",
            paramLabel = "FILE",
            description = "With --tensors, the safetensors file to write: the outputs under the arrays' names, NAME.0,"
                    + " NAME.1 and so on where there are several; of a detector's weights, its heads, anchors and decoded"
                    + " boxes under the names they have, with NAME. before them where there are several arrays; one of"
                    + " two stages looks at the file's roi.proposals, (R, 5), where there are some. With"
                    + " --format, the file or the folder to write. Else the same as --save.")
    private Path to;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "The folder for pictures of the answers: the image with the boxes that a detector found, the"
                    + " mask and the overlay of a segmenter.")
    private Path save;

    @ArgGroup
    private Form form = new Form();

    private static final class Form {
        @Option(names = "--json", description = "One JSON object per line and image.")
        private boolean json;

        @Option(names = "--csv", description = "A CSV table: file,label,probability.")
        private boolean csv;

        PrintedAnswers.Form chosen() {
            return json ? PrintedAnswers.Form.JSON : csv ? PrintedAnswers.Form.CSV : PrintedAnswers.Form.LINES;
        }
    }

    @Override
    public Integer call() {
        if (tensors != null && to == null) {
            throw mistake("expected --tensors FILE and --to FILE, got one of them");
        }
        if (tensors != null) {
            OutputFile.require("--to", to);
        }
        detection.require(to);
        if (batch < 1 || workers < 1 || (top != null && top < 1)) {
            throw mistake("expected --batch, --workers and --top of at least 1, got " + batch + ", " + workers + " and "
                    + top());
        }
        if (save != null && (tensors != null || (!detection.writes() && to != null))) {
            throw mistake("expected --save DIR for pictures, and --to with --format or, for arrays, with --tensors");
        }
        if (given.contains("") || "".equals(list) || "".equals(lines)) {
            throw mistake("expected names of files, or texts, got an empty one");
        }
        List<String> images = weights.given() || given.isEmpty() ? given : given.subList(1, given.size());
        boolean model = weights.given() || !given.isEmpty();
        if (tensors != null) {
            if (!model || !images.isEmpty()) {
                throw mistake("expected RUN --tensors FILE --to FILE, or --weights FILE (and --model MODEL) in place of"
                        + " RUN, and no images");
            }
            for (TaskOptions others : taskOptions()) {
                if (others.given()) {
                    throw mistake(
                            "expected " + others.place() + " and images: with --tensors the model is run as it is");
                }
            }
            if (flip) {
                throw noFlip("the model is run as it is with --tensors");
            }
            return runOnTensors();
        }
        if (!model
                || (images.isEmpty() && list == null && lines == null)
                || (weights.model() != null && !weights.given())) {
            throw mistake("expected RUN FILE..., RUN TEXT..., or --weights FILE (and --model MODEL) FILE..., got "
                    + (given.isEmpty() ? "no FILE" : Words.quoted(given.get(0)) + " alone"));
        }
        if (images.stream().filter(ImageArguments.STANDARD_INPUT::equals).count()
                        + (ImageArguments.STANDARD_INPUT.equals(list) ? 1 : 0)
                > 1) {
            throw mistake("expected standard input, -, to be used once");
        }
        return ask(images);
    }

    private int ask(List<String> images) {
        String task = weights.given() ? weights.task(wanted()) : TaskOfFile.of(Path.of(given.get(0)), wanted());
        Answering answering = Tasks.answering(task).orElseThrow(() -> answersNoImages(task));
        requireFit(answering, task);
        Optional<Predictor<String, ? extends Answer>> texts = answering.texts(
                ModelFile.of(weights.given() ? weights.file() : Path.of(given.get(0)), wanted()), settings());
        if (texts.isPresent()) {
            try (Predictor<String, ? extends Answer> model = texts.get()) {
                return ask(model, images, answering.columns());
            }
        }
        if (lines != null) {
            throw mistake("expected --lines with a model of texts, got one of the task " + task);
        }
        try (ImagePredictor<?> model = model(answering, task)) {
            Notes.print(model.predictor().notes(), spec);
            Optional<DetectionFile> found = detection.file(to);
            Iterator<Source> sources = ImageArguments.of(
                    images,
                    Optional.ofNullable(list),
                    System.in,
                    spec.commandLine().getErr()::println);
            spec.commandLine().getErr().flush();
            Optional<Path> drawn = pictures();
            PrintedAnswers printed = new PrintedAnswers(
                    "file",
                    form.chosen(),
                    answering.columns(),
                    top(),
                    drawn.map(AnswerPictures::new),
                    found,
                    spec.commandLine().getOut());
            // whoever writes the list may wait for answers before going on with it
            int ahead = ImageArguments.STANDARD_INPUT.equals(list) ? batch : 2 * batch;
            boolean whole =
                    new AskedImages(model, batch, ahead, workers, drawn.isPresent()).ask(sources, printed, this::tell);
            found.flatMap(DetectionFile::finish).ifPresent(this::tell);
            return whole ? ExitCode.OK : Djinn.DATA;
        }
    }

    private int ask(Predictor<String, ? extends Answer> model, List<String> given, List<String> columns) {
        if (list != null) {
            throw mistake("expected --lines FILE for texts, got --files-from, which is for images");
        }
        Notes.print(model.notes(), spec);
        PrintedAnswers printed = new PrintedAnswers(
                "text",
                form.chosen(),
                columns,
                top(),
                Optional.empty(),
                Optional.empty(),
                spec.commandLine().getOut());
        AskedTexts asked = new AskedTexts(model, ImageArguments.STANDARD_INPUT.equals(lines) ? 1 : batch);
        boolean whole = asked.ask(given.iterator(), printed, this::tell);
        if (lines != null) {
            Iterator<String> more = ImageArguments.STANDARD_INPUT.equals(lines)
                    ? TextFile.lines(System.in, "standard input").iterator()
                    : TextFile.lines(Path.of(lines)).iterator();
            whole &= asked.ask(more, printed, this::tell);
        }
        return whole ? ExitCode.OK : Djinn.DATA;
    }

    /** Refuses options that are for other tasks. */
    private void requireFit(Answering answering, String task) {
        boolean boxes = detection.areOf(answering);
        for (TaskOptions others : taskOptions()) {
            if (others.given() && !others.areOf(answering)) {
                throw mistake("expected " + others.place() + ", got a model of the task " + task);
            }
        }
        if (flip && taskOptions().stream().noneMatch(own -> own.areOf(answering))) {
            throw noFlip("got a model of the task " + task);
        }
        if (!boxes && weights.incomplete()) {
            throw mistake(
                    "expected --weights FILE with --classes FILE, or a detector with --classes NAMES: the run is of"
                            + " the task " + task);
        } else if (boxes && top != null) {
            throw mistake("expected --max-det N for the most objects of an image, got --top, which is for classes");
        } else if (form.csv && answering.columns().isEmpty()) {
            throw mistake(
                    "expected --json, or neither --json nor --csv: answers of the task " + task + " are no table");
        } else if (pictures().isPresent() && answering.pictures().isEmpty()) {
            throw mistake("expected --tensors FILE with --to FILE, and no --save: answers of the task " + task
                    + " are not drawn");
        }
    }

    /** The folder for pictures: --to is one where nothing else is written, as before there was --save. */
    private Optional<Path> pictures() {
        return Optional.ofNullable(save == null && !detection.writes() ? to : save);
    }

    private int top() {
        return top == null ? TOP : top;
    }

    private List<TaskOptions> taskOptions() {
        return List.of(detection, views);
    }

    private Optional<Engine> wanted() {
        return Optional.ofNullable(engine);
    }

    private Predictor.Settings settings() {
        return new Predictor.Settings(wanted(), batch, false, weights.preference());
    }

    private ImagePredictor<?> model(Answering answering, String task) {
        Predictor.Settings settings = settings();
        Optional<Path> named = weights.given() ? Optional.empty() : Optional.of(Path.of(given.get(0)));
        for (TaskOptions own : taskOptions()) {
            if (own.areOf(answering)) {
                return own.open(new TaskOptions.Asked(answering, weights, named, settings, flip));
            }
        }
        if (weights.given()) {
            weights.requireSize();
            Path file = weights.file();
            ModelCard card = weights.card(file, wanted(), this::unnamed);
            return ImageClassifier.open(
                            file,
                            new ImageClassifier.Settings(
                                    wanted(), Optional.of(card), batch, false, weights.preference(), DeviceName.AUTO))
                    .asPredictor();
        }
        return answering
                .images(ModelFile.of(named.orElseThrow(), wanted()), settings)
                .orElseThrow(() -> answersNoImages(task));
    }

    private DataException answersNoImages(String task) {
        String model = weights.given() ? weights.file().toString() : given.get(0);
        return new DataException(model + ": expected a run that answers images, got one of the task " + task
                + Tasks.command(task)
                        .map(command -> "; 'djinn " + command + "' makes something of it")
                        .orElse(""));
    }

    private ParameterException noFlip(String reason) {
        return mistake("expected --flip with images and a detector or a segmenter, " + reason);
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private List<String> unnamed() {
        throw mistake("expected --classes FILE: the weights do not name them");
    }

    private int runOnTensors() {
        AskedTensors asked = new AskedTensors(tensors, to, this::tell);
        if (weights.given()
                && TaskOfFile.answers(weights.task(wanted()), DetectionAnswering.class)
                && ModelFile.of(weights.file(), wanted()).holdsWeights()) {
            try (LoadedModel<DetectionCard> model = weights.rawDetectorWeights()) {
                Notes.print(model.notes(), spec);
                asked.askHeads((Detector) model.block());
            }
        } else {
            try (TensorModel model = tensorModel()) {
                Notes.print(model.notes(), spec);
                asked.ask(model);
            }
        }
        return ExitCode.OK;
    }

    private TensorModel tensorModel() {
        if (weights.given()) {
            Path file = weights.file();
            return weights.architecture()
                    .filter(name -> engine != Engine.ONNX)
                    .map(name -> TensorModel.open(name, file, weights.preference()))
                    .orElseGet(() -> TensorModel.open(file, wanted()));
        }
        Path named = Path.of(given.get(0));
        ModelFile file = ModelFile.of(named, wanted());
        return file.holdsWeights()
                ? Tasks.answering(file.task())
                        .map(answering -> TensorModel.open(file, answering.card(file.metadata(), file.file())))
                        .orElseGet(() -> TensorModel.open(named, wanted()))
                : TensorModel.open(named, wanted());
    }

    private void tell(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }
}
