package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java on the pages compiles; what it needs is imported by its simple name. */
class SnippetsTest {

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
            Map.entry("Path", "java.nio.file.Path"),
            Map.entry("Files", "java.nio.file.Files"));

    /** What snippets take as given. */
    private static final String GIVEN = """
                Path run;
                List<djinn.data.Pixels> images;
                ai.djl.ndarray.NDManager manager;
                ai.djl.ndarray.NDArray x;
                ai.djl.ndarray.NDArray w;

                abstract void show(String text);
            """;

    @TempDir
    private Path folder;

    @Test
    void snippetsCompile() throws IOException {
        Map<String, String> house = house();
        List<Path> files = new ArrayList<>();
        Map<String, Pages.Code> origin = new HashMap<>();
        for (Path page : Pages.all()) {
            for (Pages.Code snippet : Pages.code(page, "java")) {
                String name = "Snippet" + origin.size();
                origin.put(name, snippet);
                files.add(write(snippet, name, house));
            }
        }
        assertThat(files).hasSizeGreaterThan(15);
        assertThat(mistakes(files, origin)).isEmpty();
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
        boolean isClass = Pattern.compile("^public (final )?(class|record)", Pattern.MULTILINE)
                .matcher(text)
                .find();
        String body = isClass
                ? text.replaceFirst("public (final )?class (\\w+)", "final class " + name)
                : "abstract class " + name
                        + " {\n" + GIVEN + "\n    void run() throws Exception {\n"
                        + text + "\n    }\n}\n";
        imports.add("import java.nio.file.Path;\n");
        return Files.writeString(
                folder.resolve(name + ".java"),
                (home.isEmpty() ? "" : "package " + home + ";\n") + "import java.util.*;\n" + String.join("", imports)
                        + body);
    }

    private List<String> mistakes(List<Path> files, Map<String, Pages.Code> origin) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> told = new DiagnosticCollector<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(told, null, null)) {
            compiler.getTask(
                            null,
                            manager,
                            told,
                            List.of(
                                    "-proc:none",
                                    "-d",
                                    Files.createDirectories(folder.resolve("classes"))
                                            .toString(),
                                    "-sourcepath",
                                    Pages.ROOT
                                            .resolve("examples/standalone/extend/src/main/java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            manager.getJavaFileObjectsFromPaths(files))
                    .call();
        }
        return told.getDiagnostics().stream()
                .filter(mistake -> mistake.getKind() == Diagnostic.Kind.ERROR)
                .map(mistake -> {
                    String name = Path.of(mistake.getSource().getName())
                            .getFileName()
                            .toString()
                            .replace(".java", "");
                    return origin.get(name) + ": line " + mistake.getLineNumber() + ": " + mistake.getMessage(null);
                })
                .toList();
    }
}
