package djinn.cli;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import djinn.data.Dataset;
import djinn.data.Digits;
import djinn.data.Pixels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The Java on the pages, in classes; what it needs is imported by its simple name. */
public final class Snippets {

    private static final int EDGE = 28;
    private static final Pattern NAME = Pattern.compile("\\b[A-Z]\\w*");

    /** Names that the house has otherwise, or not at all. */
    private static final Map<String, String> OTHERS = Map.ofEntries(
            Map.entry("Block", "ai.djl.nn.Block"),
            Map.entry("LambdaBlock", "ai.djl.nn.LambdaBlock"),
            Map.entry("SequentialBlock", "ai.djl.nn.SequentialBlock"),
            Map.entry("NDArray", "ai.djl.ndarray.NDArray"),
            Map.entry("NDList", "ai.djl.ndarray.NDList"),
            Map.entry("NDManager", "ai.djl.ndarray.NDManager"),
            Map.entry("Shape", "ai.djl.ndarray.types.Shape"),
            Map.entry("DataType", "ai.djl.ndarray.types.DataType"),
            Map.entry("Criteria", "ai.djl.repository.zoo.Criteria"),
            Map.entry("ZooModel", "ai.djl.repository.zoo.ZooModel"),
            Map.entry("DetectedObjects", "ai.djl.modality.cv.output.DetectedObjects"),
            Map.entry("CategoryMask", "ai.djl.modality.cv.output.CategoryMask"),
            Map.entry("Image", "ai.djl.modality.cv.Image"),
            Map.entry("ImageFactory", "ai.djl.modality.cv.ImageFactory"),
            Map.entry("BufferedImage", "java.awt.image.BufferedImage"),
            Map.entry("ImageIO", "javax.imageio.ImageIO"),
            Map.entry("OnnxTensor", "ai.onnxruntime.OnnxTensor"),
            Map.entry("OrtSession", "ai.onnxruntime.OrtSession"),
            Map.entry("FloatBuffer", "java.nio.FloatBuffer"),
            Map.entry("Path", "java.nio.file.Path"),
            Map.entry("Files", "java.nio.file.Files"));

    /** What snippets take as given. */
    private static final String GIVEN = """
                Path run = Path.of("runs/nuclei");
                List<djinn.data.Pixels> images = djinn.cli.Snippets.images();
                ai.djl.ndarray.NDManager manager = djinn.ops.PyTorch.newManager();
                ai.djl.ndarray.NDArray x = manager.ones(new ai.djl.ndarray.types.Shape(1, 1, 4, 4));
                ai.djl.ndarray.NDArray w = manager.ones(new ai.djl.ndarray.types.Shape(1, 1, 2, 2));

                void show(String text) {
                    System.out.print(text);
                }
            """;

    private final Path folder;
    private final Map<String, Pages.Code> origin = new LinkedHashMap<>();
    private final List<String> mistakes;

    private Snippets(Path folder) throws IOException {
        this.folder = folder;
        Map<String, String> house = house();
        List<Path> files = new ArrayList<>();
        for (Path page : Pages.all()) {
            for (Pages.Code snippet : Pages.code(page, "java")) {
                String name = "Snippet" + origin.size();
                origin.put(name, snippet);
                files.add(write(snippet, name, house));
            }
        }
        mistakes = mistakes(files);
    }

    /** Compiles those of all pages into a folder. */
    static Snippets compile(Path folder) throws IOException {
        return new Snippets(folder);
    }

    /** Returns what the compiler says against them. */
    List<String> mistakes() {
        return mistakes;
    }

    /** Returns how many there are. */
    int count() {
        return origin.size();
    }

    /** Returns where their classes are. */
    Path classes() {
        return folder.resolve("classes");
    }

    /** Returns the classes of those of a page that are statements, in their order; each has a method {@code run}. */
    Map<String, Pages.Code> of(Path page) {
        Map<String, Pages.Code> runnable = new LinkedHashMap<>();
        origin.forEach((name, snippet) -> {
            if (snippet.page().equals(page) && !isClass(snippet)) {
                runnable.put(name, snippet);
            }
        });
        return runnable;
    }

    private static boolean isClass(Pages.Code snippet) {
        return Pattern.compile("^public (final )?(class|record)", Pattern.MULTILINE)
                .matcher(snippet.text())
                .find();
    }

    /** The public classes of the house by their simple names. */
    private static Map<String, String> house() {
        Map<String, String> classes = new HashMap<>();
        for (JavaClass one : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("djinn")) {
            if (one.isTopLevelClass()
                    && one.getModifiers().contains(JavaModifier.PUBLIC)
                    && !one.getPackageName().equals("djinn.cli")) {
                classes.put(one.getSimpleName(), one.getFullName());
            }
        }
        return classes;
    }

    private Path write(Pages.Code snippet, String name, Map<String, String> house) throws IOException {
        String text = snippet.text();
        TreeSet<String> imports = new TreeSet<>();
        String note = snippet.note() == null ? "" : snippet.note();
        String home = note.startsWith("in ") ? note.substring(3) : "";
        Matcher names = NAME.matcher(text);
        while (names.find()) {
            String type = OTHERS.getOrDefault(names.group(), house.get(names.group()));
            if (note.contains("." + names.group())) {
                type = note.replaceFirst("^with ", "");
            }
            if (type != null) {
                imports.add("import " + type + ";\n");
            }
        }
        String body = isClass(snippet)
                ? text.replaceFirst("public (final )?class (\\w+)", "final class " + name)
                : "public final class " + name
                        + " {\n" + GIVEN + "\n    public void run() throws Exception {\n"
                        + text + "\n    }\n}\n";
        imports.add("import java.nio.file.Path;\n");
        return Files.writeString(
                folder.resolve(name + ".java"),
                (home.isEmpty() ? "" : "package " + home + ";\n") + "import java.util.*;\n" + String.join("", imports)
                        + body);
    }

    private List<String> mistakes(List<Path> files) throws IOException {
        return compile(files, Files.createDirectories(classes())).stream()
                .map(mistake -> {
                    String name = mistake.getSource().getName().replaceAll(".*[/\\\\]|\\.java$", "");
                    return origin.get(name) + ": line " + mistake.getLineNumber() + ": " + mistake.getMessage(null);
                })
                .toList();
    }

    /** Compiles files beside the example of an extension, and returns the mistakes in them. */
    static List<Diagnostic<? extends JavaFileObject>> compile(List<Path> files, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> told = new DiagnosticCollector<>();
        Path example = Pages.ROOT.resolve("examples/standalone/extend/src/main/java");
        List<String> options = List.of(
                "-proc:none",
                "-d",
                classes.toString(),
                "-sourcepath",
                example.toString(),
                "-cp",
                System.getProperty("java.class.path"));
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(told, null, null)) {
            compiler.getTask(null, manager, told, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
        }
        return told.getDiagnostics().stream()
                .filter(mistake -> mistake.getKind() == Diagnostic.Kind.ERROR)
                .toList();
    }

    /** Some images as MNIST's are. */
    public static List<Pixels> images() {
        Dataset digits = Digits.splits().train();
        return IntStream.range(0, 3)
                .mapToObj(i -> {
                    byte[] values = new byte[EDGE * EDGE];
                    Arrays.fill(values, (byte) digits.label(i));
                    return new Pixels(EDGE, EDGE, 1, values);
                })
                .toList();
    }
}
