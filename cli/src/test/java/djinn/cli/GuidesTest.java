package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.tasks.track.StrictMlflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The commands of every page work: a shell runs the {@code sh} blocks as they stand, one after another, in a folder of the
 * page's own, and then the Java. Every command must end with 0 and write what it says it does.
 *
 * <p>For a new page there is nothing to do where its commands need no more than what they make themselves. Where one names
 * files that a reader would have, {@link PageWorld} makes them; where it takes a trained run as given, {@link #BEFORE} has
 * the command. Trainings are cut to two batches; where one of them is still slow, {@link #SMALLER} has settings for its
 * recipe. What can be run nowhere but at the reader's stands in {@link #NOT_RUN}, and why.
 */
class GuidesTest {

    /** Recipes, or other words of a command, and what is set beside what the page sets, so that it takes seconds. */
    static final Map<String, String> SMALLER = Map.ofEntries(
            Map.entry("pixelcnn_mnist", "model.width=4 model.blocks=1 model.hidden=8 samples.rows=1 samples.columns=1"),
            Map.entry("autoregressive_tiny", "samples.rows=1"),
            Map.entry("diffusion_mnist", "model.width=4 model.levels=[1,2] model.steps=60 samples.rows=1"),
            Map.entry("cyclegan_digits", "model.width=4 model.blocks=1"),
            Map.entry("pix2pix_digits", "model.width=4 model.discriminator_width=4"),
            Map.entry("mask_rcnn_nuclei", "data.size=96"),
            Map.entry("unet_nuclei", "model.width=4 data.size=64"),
            Map.entry("squeezenet_transfer", "data.size=64"),
            Map.entry("train.keep={top: 3}", "train.epochs=3"),
            Map.entry("--epochs", "train.max_time=3s"),
            Map.entry("sweep", "train.max_time=1s"));

    /** What a benchmark is given in place of what the page has, and of what it would take by itself. */
    static final Map<String, String> QUICKER = Map.of("--steps", "1", "--pairs", "1", "--warm-up", "0");

    /** The same, of models alone: a recipe has keys for these. */
    static final Map<String, String> QUICKER_MODELS = Map.of("--batch", "1");

    /** The same, of a recipe. */
    static final Map<String, String> QUICKER_RECIPES = Map.of("data.size", "96", "train.batch_size", "2");

    /** What answers as the programs do that Djinn is timed beside. */
    private static final String PEER = "#!/bin/sh\necho '{\"median_ms\": 12.5}'\n";

    /** Why what builds Djinn is not run here. */
    private static final String BY_CI = "it builds what this test is of: CI runs it, around this test";

    /** What must have been typed before, where a page begins with a run that is there. */
    private static final Map<String, String> BEFORE = Map.of(
            "docs/devices.md", "djinn train nin_digits",
            "docs/image-translation.md", "djinn train image_translation_tiny --name horses",
            "docs/export.md", """
                    djinn train nin_digits --name digits
                    djinn train shakespeare_gpt --set 'data.files=[my.txt]'
                    djinn train tatoeba_transformer --set data.root=my/pairs
                    djinn train detection_tiny --set 'model={name: mask_rcnn, backbone: shufflenet_v2_x0_5}' --name nuclei""",
            "docs/from-code.md", """
                    djinn train nin_digits --name digits
                    djinn train cells.yaml --name cells
                    djinn train translation_tiny --name translation
                    djinn export runs/digits --to model.onnx""",
            "docs/report.md", """
                    djinn train nin_digits
                    djinn data get oxford_pets --to data/pets
                    djinn train image_folder --set data.source=oxford_pets --set data.root=data/pets --name pets
                    djinn train nin_digits --name trial-1
                    mkdir old && cp -r runs old
                    cp -r runs/trial-1 runs/trial-2
                    cp -r runs/trial-1 runs/trial-3""");

    /** How a command begins that is not run here, and why; those of djinn are looked at by {@link PageCommandsTest}. */
    static final Map<String, String> NOT_RUN = Map.ofEntries(
            Map.entry("mvn ", BY_CI),
            Map.entry("find . -name 'djinn-*.jar'", BY_CI),
            Map.entry("sha256sum ", BY_CI),
            Map.entry("python ", "PyTorch and torchvision, which figures are compared with"),
            Map.entry("Gpt gpt = Gpt.gpt2()", "half a gigabyte that others publish"),
            Map.entry("Bert bert = Bert.base()", "half a gigabyte that others publish"),
            Map.entry("tensorboard ", "a program of Python"),
            Map.entry("mlflow server ", "a program of Python; a server that knows its rules answers in its place"),
            Map.entry("djinn train nin_digits --device cuda:1", "two GPUs of NVIDIA"),
            Map.entry("djinn train nin_digits --set train.devices=cuda:0,cuda:2", "three GPUs of NVIDIA"));

    /** The file of a figure that is another at each reader's. */
    private static final Pattern BY_FIGURE = Pattern.compile("/epoch-\\d{4}_\\w+-[\\d.]+\\.safetensors");

    /** Builds that are parts of {@code mvn verify}: examples/installed installs, into a repository of its own. */
    private static final Set<String> VERIFIED = Set.of("mvn package", "mvn -B install");

    private static final String MLFLOW = "http://127.0.0.1:5000";
    private static final long MINUTES = 4;

    @TempDir
    private static Path downloadable;

    @TempDir
    private static Path compiled;

    @TempDir
    private Path folder;

    private static PageDownloads downloads;
    private static Snippets snippets;
    private static StrictMlflow mlflow;

    @BeforeAll
    static void open() throws IOException {
        downloads = PageDownloads.open(downloadable);
        snippets = Snippets.compile(compiled);
        mlflow = new StrictMlflow();
    }

    @AfterAll
    static void close() {
        downloads.close();
        mlflow.close();
    }

    static Stream<Path> pages() {
        return Pages.all().stream()
                .filter(page -> Stream.concat(commands(page).stream(), texts(page))
                        .anyMatch(text -> notRun(text).isEmpty()));
    }

    /** The commands of a page, each in a line of its own. */
    static List<String> commands(Path page) {
        return Pages.code(page, "sh").stream()
                .flatMap(block -> block.text().replace("\\\n", "").lines())
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }

    /** The Java of a page. */
    private static Stream<String> texts(Path page) {
        return Pages.code(page, "java").stream().map(Pages.Code::text);
    }

    /** Why a command, or a piece of Java, is not run. */
    static Optional<String> notRun(String text) {
        return NOT_RUN.entrySet().stream()
                .filter(entry -> text.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void commandsOfAPageWork(Path page) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>(List.of("set -ex"));
        BEFORE.getOrDefault(page.toString(), "").lines().forEach(lines::add);
        commands(page).stream()
                .filter(command -> notRun(command).isEmpty())
                .map(command -> BY_FIGURE.matcher(command).replaceAll("/epoch-*.safetensors"))
                .map(command -> command.replace(MLFLOW, mlflow.uri()))
                .forEach(lines::add);
        List<String> texts = texts(page).filter(text -> notRun(text).isEmpty()).toList();
        snippets.of(page).forEach((name, snippet) -> {
            if (texts.contains(snippet.text())) {
                lines.add("djinn " + PageProcess.SNIPPET + " " + snippets.classes() + " " + name);
            }
        });
        String script = String.join("\n", lines);
        PageWorld.make(folder, script + String.join("\n", texts));
        String said = run(script);
        assertThat(said).as("the commands of %s", page).doesNotContain("error:").endsWith("(ended with 0)");
        if (script.contains(mlflow.uri())) {
            assertThat(mlflow.statuses()).containsExactly("FINISHED");
        }
    }

    /** Runs a script, and returns all that was said. */
    private String run(String script) throws IOException, InterruptedException {
        PageProcess.prepare(folder);
        Path log = folder.resolve(".post/log");
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Djava.awt.headless=true",
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=" + System.getProperty("ai.djl.pytorch.num_threads", "1"),
                "-Ddjinn.home=" + Pages.ROOT,
                "-cp",
                downloads.classPath() + ":" + System.getProperty("java.class.path"));
        String client = PageProcess.CLIENT.formatted(folder, "'" + String.join("' '", java) + "'");
        for (Map.Entry<String, String> program :
                Map.of("djinn", client, "bin/djinn", client, "bin/python", PEER).entrySet()) {
            Path file = folder.resolve(program.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, program.getValue());
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        List<String> server = new ArrayList<>(java);
        server.add(PageProcess.class.getName());
        Process answering = start(server, log);
        Process shell = start(List.of("sh", "-c", script), log);
        try {
            boolean ended = shell.waitFor(MINUTES, TimeUnit.MINUTES);
            return Files.readString(log) + (ended ? "(ended with " + shell.exitValue() + ")" : "(not ended)");
        } finally {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly().waitFor();
            answering.destroyForcibly().waitFor();
        }
    }

    private Process start(List<String> words, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.put("PATH", folder.resolve("bin") + ":" + environment.get("PATH"));
        environment.put("DJINN_CACHE", folder.resolve(".cache").toString());
        environment.put("NO_PROXY", "127.0.0.1");
        environment.remove("DJINN_DATA");
        environment.remove("DJINN_EXTENSIONS");
        return builder.start();
    }

    @Test
    void whatBuildsDjinnIsRunByCi() throws IOException {
        List<String> lines = Files.readAllLines(Pages.ROOT.resolve(".ci/run"));
        List<String> builds = Pages.all().stream()
                .flatMap(page -> commands(page).stream())
                .filter(command -> notRun(command).filter(BY_CI::equals).isPresent())
                .map(command -> command.replaceFirst("\\s+#.*", ""))
                .filter(command -> !VERIFIED.contains(command))
                .toList();
        assertThat(builds).isNotEmpty().allSatisfy(build -> assertThat(lines).anyMatch(line -> line.startsWith(build)));
    }

    @Test
    void whatIsSaidOfPagesIsOfCommandsThatAreThere() {
        List<String> commands = Pages.all().stream()
                .flatMap(page -> Stream.concat(commands(page).stream(), texts(page)))
                .toList();
        assertThat(NOT_RUN.keySet())
                .allMatch(begin -> commands.stream().anyMatch(command -> command.startsWith(begin)));
        assertThat(SMALLER.keySet()).allMatch(word -> commands.stream().anyMatch(command -> command.contains(word)));
        assertThat(BEFORE.keySet()).isSubsetOf(pages().map(Path::toString).toList());
        assertThat(PageWorld.names())
                .allMatch(name -> Stream.concat(commands.stream(), BEFORE.values().stream())
                        .anyMatch(command -> command.contains(name)));
    }
}
