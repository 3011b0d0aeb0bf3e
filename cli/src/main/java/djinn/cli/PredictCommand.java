package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import djinn.cli.ImageArguments.Source;
import djinn.data.Pixels;
import djinn.inference.Answer;
import djinn.inference.Answering;
import djinn.inference.Engine;
import djinn.inference.ImageClassifier;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelCard;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.TensorModel;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.tasks.Tasks;
import djinn.tasks.segmentation.SegmentationAnswering;
import djinn.zoo.weights.FiniteCheck;
import djinn.zoo.weights.Safetensors;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
        description = "Ask a model about images: their classes, or the classes of their pixels; or run it on arrays.",
        footer = {
            "",
            "  djinn predict runs/nin_digits digit.png other.png --json",
            "  djinn predict model.onnx photos/ 'more/*.jpg'",
            "  djinn predict --model squeezenet1_1 --weights FILE --classes FILE photo.jpg",
            "  find photos -name '*.jpg' | djinn predict runs/photos --files-from - --csv",
            "  djinn predict --model unet --weights FILE --tensors in.safetensors --to out.safetensors"
        })
final class PredictCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "RUN FILE",
            hideParamSyntax = true,
            description =
                    "The folder of a run, a safetensors file saved by one, an ONNX or TorchScript file, and images:"
                            + " files, folders, patterns, or - for one on standard input; with --weights, images only.")
    private List<String> given = List.of();

    @Mixin
    private WeightsOptions weights = new WeightsOptions();

    @Mixin
    private ViewOptions views = new ViewOptions();

    @Option(
            names = "--top",
            paramLabel = "N",
            defaultValue = "5",
            description = "Classes told for each image (default: ${DEFAULT-VALUE}).")
    private int top;

    @Option(
            names = "--files-from",
            paramLabel = "FILE",
            description = "Take images from a list too, one path per line; - reads it from standard input.")
    private String list;

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
                    + " NAME.1 and so on where there are several. With images, the folder for pictures of the answers,"
                    + " such as the mask and the overlay of a segmenter.")
    private Path to;

    @ArgGroup
    private Form form = new Form();

    private static final class Form {
        @Option(names = "--json", description = "One JSON object per line and image.")
        private boolean json;

        @Option(names = "--csv", description = "A CSV table: file,label,probability.")
        private boolean csv;
    }

    @Override
    public Integer call() {
        if (tensors != null && to == null) {
            throw mistake("expected --tensors FILE and --to FILE, got one of them");
        }
        if (tensors != null) {
            OutputFile.require("--to", to);
        }
        if (batch < 1 || workers < 1 || top < 1) {
            throw mistake("expected --batch, --workers and --top of at least 1, got " + batch + ", " + workers + " and "
                    + top);
        }
        if (given.contains("") || "".equals(list)) {
            throw mistake("expected names of files, got an empty one");
        }
        List<String> images = weights.given() || given.isEmpty() ? given : given.subList(1, given.size());
        boolean model = weights.given() || !given.isEmpty();
        if (tensors != null) {
            if (!model || !images.isEmpty()) {
                throw mistake("expected RUN --tensors FILE --to FILE, or --weights FILE (and --model MODEL) in place of"
                        + " RUN, and no images");
            }
            return runOnTensors();
        }
        if (!model || (images.isEmpty() && list == null) || weights.incomplete()) {
            throw mistake("expected RUN FILE..., or --weights FILE (and --model MODEL) FILE...");
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
        if (form.csv && answering.columns().isEmpty()) {
            throw mistake(
                    "expected --json, or neither --json nor --csv: answers of the task " + task + " are no table");
        } else if (to != null && answering.pictures().isEmpty()) {
            throw mistake("expected --tensors FILE with --to FILE: answers of the task " + task + " are not drawn");
        }
        views.require(answering, task);
        try (ImagePredictor<?> model = model(answering, task)) {
            Notes.print(model.predictor().notes(), spec);
            Iterator<Source> sources = ImageArguments.of(
                    images,
                    Optional.ofNullable(list),
                    System.in,
                    spec.commandLine().getErr()::println);
            spec.commandLine().getErr().flush();
            Printed printed = new Printed(
                    answering.columns(),
                    to == null ? Optional.empty() : Optional.of(new AnswerPictures(to)),
                    spec.commandLine().getOut());
            // whoever writes the list may wait for answers before going on with it
            int ahead = ImageArguments.STANDARD_INPUT.equals(list) ? batch : 2 * batch;
            boolean whole = new AskedImages(model, batch, ahead, workers, to != null).ask(sources, printed, this::tell);
            return whole ? ExitCode.OK : Djinn.DATA;
        }
    }

    private Optional<Engine> wanted() {
        return Optional.ofNullable(engine);
    }

    private ImagePredictor<?> model(Answering answering, String task) {
        if (answering instanceof SegmentationAnswering segmenters) {
            weights.requireSize();
            ModelFile file = ModelFile.of(weights.given() ? weights.file() : Path.of(given.get(0)), wanted());
            boolean says = file.task().equals(task);
            return segmenters.images(
                    file,
                    says ? Optional.empty() : Optional.of(weights.card(answering)),
                    new Predictor.Settings(wanted(), batch, false, weights.preference()),
                    views.views());
        }
        if (weights.given()) {
            weights.requireSize();
            Path file = weights.file();
            ModelCard card = weights.card(file, wanted(), this::unnamed);
            return ImageClassifier.open(
                            file,
                            new ImageClassifier.Settings(
                                    wanted(), Optional.of(card), batch, false, weights.preference()))
                    .asPredictor();
        }
        return answering
                .images(
                        ModelFile.of(Path.of(given.get(0)), wanted()),
                        new Predictor.Settings(wanted(), batch, false, weights.preference()))
                .orElseThrow(() -> answersNoImages(task));
    }

    private DataException answersNoImages(String task) {
        String model = weights.given() ? weights.file().toString() : given.get(0);
        return new DataException(model + ": expected a run that answers images, got one of the task " + task
                + (Tasks.generates(task) ? "; 'djinn generate' makes something of it" : ""));
    }

    /** Prints answers as the options say. */
    private final class Printed implements AskedImages.Listener {

        private final List<String> columns;
        private final Optional<AnswerPictures> pictures;
        private final PrintWriter out;
        private final Optional<CsvWriter> csv;

        Printed(List<String> columns, Optional<AnswerPictures> pictures, PrintWriter out) {
            this.columns = columns;
            this.pictures = pictures;
            this.out = out;
            this.csv = form.csv
                    ? Optional.of(CsvWriter.builder()
                            .lineDelimiter(LineDelimiter.LF)
                            .bufferSize(0)
                            .build(out))
                    : Optional.empty();
            csv.ifPresent(table -> table.writeRecord(record("file", columns)));
        }

        @Override
        public void answered(String name, Optional<Pixels> image, Answer whole) {
            Answer answer = whole.first(top);
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("file", name);
            line.putAll(answer.fields());
            pictures.ifPresent(folder -> folder.write(name, image.orElseThrow(), answer)
                    .forEach((what, file) -> line.put(what, file.toString())));
            if (csv.isPresent()) {
                List<String> cells = columns.stream()
                        .map(column -> String.valueOf(line.get(column)))
                        .toList();
                csv.get().writeRecord(record(name, cells));
            } else {
                out.println(form.json ? Json.line(line) : name + "  " + answer.line());
            }
        }

        private static List<String> record(String first, List<String> others) {
            return Stream.concat(Stream.of(first), others.stream()).toList();
        }

        @Override
        public boolean goesOn() {
            out.flush();
            // if nobody gets the answers, the end of the command says why
            return !out.checkError();
        }
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private List<String> unnamed() {
        throw mistake("expected --classes FILE: the weights do not name them");
    }

    private int runOnTensors() {
        try (TensorModel model = tensorModel();
                Safetensors inputs = Safetensors.open(tensors);
                NDManager manager = PyTorch.newManager()) {
            Notes.print(model.notes(), spec);
            Map<String, NDArray> answers = new LinkedHashMap<>();
            for (String name : inputs.names()) {
                NDList outputs = run(model, name, inputs.read(manager, name));
                for (int i = 0; i < outputs.size(); i++) {
                    String key = outputs.size() == 1 ? name : name + "." + i;
                    if (answers.put(key, outputs.get(i)) != null) {
                        throw new DataException(
                                tensors + ": expected other names, two outputs are called '" + key + "'; rename one");
                    }
                }
            }
            Safetensors.write(to, answers, Map.of());
            List<String> faults = FiniteCheck.faults(answers);
            if (!faults.isEmpty()) {
                tell("warning: " + to + ": " + FiniteCheck.words(faults, answers.size()));
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

    private static NDList run(TensorModel model, String name, NDArray input) {
        try (input) {
            return model.forward(input);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tensor '" + name + "': " + e.getMessage(), e);
        }
    }

    private void tell(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }
}
