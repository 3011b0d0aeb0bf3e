package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import djinn.cli.ImageArguments.Source;
import djinn.inference.Classification;
import djinn.inference.Engine;
import djinn.inference.ImageClassifier;
import djinn.inference.ImageClassifier.Prepared;
import djinn.inference.ModelCard;
import djinn.inference.Score;
import djinn.inference.TensorModel;
import djinn.ops.DataException;
import djinn.ops.NativeHeap;
import djinn.ops.NotFiniteException;
import djinn.ops.PyTorch;
import djinn.tasks.Tasks;
import djinn.zoo.weights.FiniteCheck;
import djinn.zoo.weights.Safetensors;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
        description = "Tell the class of images, with its probability; or run a model on arrays.",
        footer = {
            "",
            "  djinn predict runs/nin_digits digit.png other.png --json",
            "  djinn predict model.onnx photos/ 'more/*.jpg'",
            "  djinn predict --model squeezenet1_1 --weights FILE --classes FILE photo.jpg",
            "  find photos -name '*.jpg' | djinn predict runs/photos --files-from - --csv",
            "  djinn predict --model unet --weights FILE --tensors in.safetensors --to out.safetensors"
        })
final class PredictCommand implements Callable<Integer> {

    /** More images than these are worth the time that freezing takes. */
    private static final int A_FEW = 8;

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
                    + " NAME.1 and so on where there are several. With a run of the task segmentation, the folder for a"
                    + " mask and an overlay of every image.")
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
        if (!weights.given() && tensors == null && given.size() + (list == null ? 0 : 1) > 1) {
            String task = TaskOfFile.of(Path.of(given.get(0)));
            if (task.equals("segmentation")) {
                return segment();
            } else if (!task.equals("classification")) {
                throw new DataException(given.get(0) + ": expected a run that answers images, got one of the task "
                        + task + (Tasks.generates(task) ? "; 'djinn generate' makes something of it" : ""));
            }
        }
        if ((tensors == null) != (to == null)) {
            throw mistake("expected --tensors FILE and --to FILE, got one of them");
        }
        OutputFile.require("--to", to);
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
        PrintWriter out = spec.commandLine().getOut();
        boolean whole;
        try (ImageClassifier classifier = classifier()) {
            Notes.print(classifier.notes(), spec);
            Iterator<Source> sources = ImageArguments.of(
                    images,
                    Optional.ofNullable(list),
                    System.in,
                    spec.commandLine().getErr()::println);
            spec.commandLine().getErr().flush();
            if (form.csv) {
                csv(out).writeRecord("file", "label", "probability");
            }
            whole = predict(classifier, sources, out);
        }
        out.flush();
        return whole ? ExitCode.OK : Djinn.DATA;
    }

    private int segment() {
        if (form.csv || engine != null) {
            throw mistake("expected --to, --files-from and --json with a run of the task segmentation");
        }
        Iterator<Source> sources = ImageArguments.of(
                given.subList(1, given.size()),
                Optional.ofNullable(list),
                System.in,
                spec.commandLine().getErr()::println);
        spec.commandLine().getErr().flush();
        SegmentImages images = new SegmentImages(
                to, form.json, spec.commandLine().getOut(), spec.commandLine().getErr());
        return images.run(Path.of(given.get(0)), sources) ? ExitCode.OK : Djinn.DATA;
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private ImageClassifier classifier() {
        Optional<Engine> wanted = Optional.ofNullable(engine);
        if (!weights.given()) {
            return ImageClassifier.open(Path.of(given.get(0)), settings(Optional.empty()));
        }
        weights.requireSize();
        Path file = weights.file();
        return ImageClassifier.open(file, settings(Optional.of(weights.card(file, wanted, this::unnamed))));
    }

    private ImageClassifier.Settings settings(Optional<ModelCard> card) {
        return new ImageClassifier.Settings(Optional.ofNullable(engine), card, batch, false, weights.preference());
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
        Optional<Engine> wanted = Optional.ofNullable(engine);
        if (!weights.given()) {
            return TensorModel.open(Path.of(given.get(0)), wanted);
        }
        Path file = weights.file();
        return weights.architecture()
                .filter(name -> engine != Engine.ONNX)
                .map(name -> TensorModel.open(name, file, weights.preference()))
                .orElseGet(() -> TensorModel.open(file, wanted));
    }

    private static NDList run(TensorModel model, String name, NDArray input) {
        try (input) {
            return model.forward(input);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tensor '" + name + "': " + e.getMessage(), e);
        }
    }

    /** An image on its way through the decoders. */
    private record Decoding(Source source, Future<Prepared> image) {}

    /** Answers a batch while the next one is decoded. */
    private boolean predict(ImageClassifier classifier, Iterator<Source> sources, PrintWriter out) {
        // whoever writes the list may wait for answers before going on with it
        int ahead = ImageArguments.STANDARD_INPUT.equals(list) ? batch : 2 * batch;
        ExecutorService decoders = Executors.newFixedThreadPool(workers);
        try {
            Deque<Decoding> decodings = new ArrayDeque<>();
            boolean whole = true;
            while (true) {
                while (decodings.size() < ahead && sources.hasNext()) {
                    Source source = sources.next();
                    decodings.add(new Decoding(
                            source,
                            decoders.submit(() -> classifier.prepare(
                                    source.read(
                                            classifier.card().preprocessing().channels()),
                                    source.name()))));
                }
                if (decodings.isEmpty()) {
                    return whole;
                }
                if (decodings.size() > A_FEW) {
                    NativeHeap.keepFreedMemory();
                    classifier.freeze();
                }
                List<Decoding> next = new ArrayList<>();
                while (next.size() < batch && !decodings.isEmpty()) {
                    next.add(decodings.remove());
                }
                whole &= answer(classifier, next, out);
                if (out.checkError()) {
                    // nobody gets the answers, and the end of the command says why
                    return whole;
                }
            }
        } finally {
            decoders.shutdownNow();
        }
    }

    /** Answers a few images; one that cannot be read is told of and leaves the others be. */
    private boolean answer(ImageClassifier classifier, List<Decoding> decodings, PrintWriter out) {
        List<String> names = new ArrayList<>();
        List<Prepared> images = new ArrayList<>();
        for (Decoding decoding : decodings) {
            try {
                images.add(await(decoding.image));
                names.add(decoding.source.name());
            } catch (DataException e) {
                tell("error: " + e.getMessage());
            }
        }
        boolean whole = images.size() == decodings.size();
        try {
            List<Classification> answers = classifier.predictAll(images);
            for (int i = 0; i < answers.size(); i++) {
                print(names.get(i), answers.get(i).top(top), out);
            }
        } catch (NotFiniteException e) {
            // not all of a batch need be such
            whole = false;
            for (int i = 0; i < images.size(); i++) {
                answerAlone(classifier, names.get(i), images.get(i), out);
            }
        }
        out.flush();
        return whole;
    }

    private void answerAlone(ImageClassifier classifier, String name, Prepared image, PrintWriter out) {
        try {
            print(name, classifier.predictAll(List.of(image)).get(0).top(top), out);
        } catch (NotFiniteException e) {
            tell("error: " + e.getMessage());
        }
    }

    private void tell(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }

    private static Prepared await(Future<Prepared> image) {
        try {
            return image.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while an image was decoded", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("an image could not be decoded: " + e.getCause(), e);
        }
    }

    private void print(String file, List<Score> scores, PrintWriter out) {
        Score first = scores.get(0);
        if (form.json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("file", file);
            line.putAll(json(first));
            line.put("top", scores.stream().map(PredictCommand::json).toList());
            out.println(Json.line(line));
        } else if (form.csv) {
            csv(out).writeRecord(file, first.label(), Double.toString(first.probability()));
        } else {
            out.printf(Locale.ROOT, "%s  %s  %.2f%%%n", file, first.label(), 100 * first.probability());
        }
    }

    private static Map<String, Object> json(Score score) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("label", score.label());
        fields.put("probability", score.probability());
        return fields;
    }

    private static CsvWriter csv(PrintWriter out) {
        return CsvWriter.builder().lineDelimiter(LineDelimiter.LF).bufferSize(0).build(out);
    }
}
