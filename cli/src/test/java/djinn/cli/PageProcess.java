package djinn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs the djinn commands of a page in the folder it is started in, one process for all of them: a start of Java for each
 * would take most of the time. {@link #CLIENT} is what a shell finds as {@code djinn}.
 */
final class PageProcess {

    /** What is handed to and fro, in the folder. */
    private static final String POST = ".post";

    /** Filled in: the folder, and the start of a process of its own, for what joins the class path. */
    static final String CLIENT = """
            #!/bin/sh
            post='%s/.post'
            [ -z "$DJINN_EXTENSIONS" ] || exec %s:"$DJINN_EXTENSIONS" djinn.cli.PageProcess "$@"
            for word; do printf '%%s\\n' "$word"; done >"$post/words"
            echo asked >"$post/asked"
            read -r code <"$post/answered"
            cat "$post/out"
            cat "$post/err" >&2
            exit "$code"
            """;

    /** What makes a training one of seconds, where the command does not say otherwise. */
    private static final List<String> SHORT =
            List.of("train.epochs=1", "train.limit_train_batches=2", "train.limit_val_batches=1", "train.batch_size=4");

    /** What these are followed by is a file or a folder that the command writes. */
    private static final Set<String> WRITTEN = Set.of("--to", "--save", "--sheet", "--markdown");

    /** A word that is no command of djinn's: Java of a page is run, a class of {@link Snippets}. */
    static final String SNIPPET = "snippet";

    private static final int NOT_WRITTEN = 99;
    private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/");

    private PageProcess() {}

    /** Makes what {@link #CLIENT} needs in a folder. */
    static void prepare(Path folder) throws IOException, InterruptedException {
        Path post = Files.createDirectory(folder.resolve(POST));
        Process made = new ProcessBuilder(
                        "mkfifo",
                        post.resolve("asked").toString(),
                        post.resolve("answered").toString())
                .inheritIO()
                .start();
        if (made.waitFor() != 0) {
            throw new IOException("expected mkfifo to make pipes in " + post + ", it ended with " + made.exitValue());
        }
    }

    /**
     * Answers one command, or, without words, all that come until it is stopped.
     *
     * @param words the command's
     */
    public static void main(String[] words) throws IOException, InterruptedException {
        if (words.length > 0) {
            System.exit(answer(
                    List.of(words),
                    new PrintWriter(System.out, true, UTF_8),
                    new PrintWriter(System.err, true, UTF_8)));
        }
        Path post = Path.of(POST);
        while (true) {
            await(post.resolve("asked"));
            int code;
            try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(post.resolve("out")));
                    PrintWriter err = new PrintWriter(Files.newBufferedWriter(post.resolve("err")))) {
                code = answer(Files.readAllLines(post.resolve("words")), out, err);
            }
            Files.writeString(post.resolve("answered"), code + "\n");
        }
    }

    /** Waits until something was written into a pipe. */
    private static void await(Path pipe) throws IOException {
        try (InputStream in = new FileInputStream(pipe.toFile())) {
            while (in.read() >= 0) {
                // to its end
            }
        }
    }

    private static int answer(List<String> typed, PrintWriter out, PrintWriter err)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        List<Path> written = written(typed);
        for (Path file : written) {
            if (Files.isRegularFile(file)) {
                Files.delete(file);
            }
        }
        String[] words = shortened(typed).toArray(String[]::new);
        int code = switch (words[0]) {
            case "board" -> visit(words, out);
            case SNIPPET -> snippet(Path.of(words[1]), words[2]);
            default -> Djinn.commandLine().setOut(out).setErr(err).execute(words);
        };
        for (Path file : written) {
            if (code == 0 && !Files.exists(file)) {
                err.println("error: expected the command to write " + file + ", it did not");
                code = NOT_WRITTEN;
            }
        }
        err.printf("[%.1f s: djinn %s]%n", (System.nanoTime() - began) / 1e9, String.join(" ", words));
        err.flush();
        return code;
    }

    /** Returns what a command says that it writes. */
    private static List<Path> written(List<String> words) {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i + 1 < words.size(); i++) {
            if (WRITTEN.contains(words.get(i))) {
                String file = words.get(i + 1);
                if (words.contains("--parts")) {
                    Stream.of("first", "boxes")
                            .map(part -> file.replaceFirst("(\\.\\w+)$", "." + part + "$1"))
                            .map(Path::of)
                            .forEach(files::add);
                } else {
                    files.add(Path.of(file));
                }
            } else if (words.get(0).equals("train") && words.get(i).equals("--name")) {
                files.add(Path.of("runs", words.get(i + 1), "best.safetensors"));
            }
        }
        return files;
    }

    /** Returns a command with what makes it one of seconds, and with ports that are free. */
    static List<String> shortened(List<String> typed) {
        List<String> words = new ArrayList<>(typed);
        // a run goes on by its own recipe, or by the one that is named, which then is to be as it was
        boolean trains = Set.of("train", "sweep").contains(words.get(0))
                && (!words.contains("--resume") || !words.get(1).startsWith("-"));
        Stream<String> own = GuidesTest.SMALLER.entrySet().stream()
                .filter(entry -> words.contains(entry.getKey())
                        || words.contains("configs/" + entry.getKey() + ".yaml")
                        || words.contains(entry.getKey() + ".yaml"))
                .map(Map.Entry::getValue)
                .flatMap(settings -> Arrays.stream(settings.split(" ")));
        if (trains) {
            Stream.concat(own, SHORT.stream()).forEach(setting -> add(words, setting));
        }
        if (words.get(0).equals("benchmark")) {
            quicken(words);
        }
        int port = words.indexOf("--port");
        if (port > 0) {
            words.set(port + 1, "0");
        } else if (words.get(0).equals("board") || words.contains("--watch")) {
            words.addAll(List.of("--port", "0"));
        }
        return words;
    }

    private static void quicken(List<String> words) {
        Map<String, String> options = new HashMap<>(GuidesTest.QUICKER);
        if (words.contains("--model")) {
            options.putAll(GuidesTest.QUICKER_MODELS);
        } else {
            GuidesTest.QUICKER_RECIPES.forEach(
                    (key, value) -> words.replaceAll(word -> word.startsWith(key + "=") ? key + "=" + value : word));
        }
        options.forEach((name, value) -> {
            int place = words.indexOf(name);
            if (place > 0) {
                words.set(place + 1, value);
            } else {
                words.addAll(List.of(name, value));
            }
        });
    }

    private static void add(List<String> words, String setting) {
        String key = setting.substring(0, setting.indexOf('='));
        String option = "--" + key.substring(key.lastIndexOf('.') + 1).replace('_', '-');
        boolean isGiven = words.contains(option)
                || words.stream()
                        .anyMatch(word -> word.startsWith(key + "=")
                                || (key.contains("limit_") && word.startsWith("train.overfit_batches=")));
        if (!isGiven) {
            words.addAll(List.of("--set", setting));
        }
    }

    private static int snippet(Path classes, String name) throws IOException {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Class<?> type = loader.loadClass(name);
            type.getMethod("run").invoke(type.getConstructor().newInstance());
            return 0;
        } catch (ReflectiveOperationException e) {
            e.printStackTrace(System.out);
            return 1;
        }
    }

    /** Looks at a board once, which else stays until Ctrl-C. */
    private static int visit(String[] words, PrintWriter out) throws IOException, InterruptedException {
        StringWriter said = new StringWriter();
        PrintWriter both = new PrintWriter(said, true);
        Thread board =
                new Thread(() -> Djinn.commandLine().setOut(both).setErr(both).execute(words), "a command that stays");
        board.start();
        Matcher address = ADDRESS.matcher(said.toString());
        while (!address.find() && board.isAlive()) {
            board.join(20);
            address = ADDRESS.matcher(said.toString());
        }
        out.print(said);
        if (!board.isAlive()) {
            return 1;
        }
        HttpResponse<String> page = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address.group())).build(),
                        HttpResponse.BodyHandlers.ofString(UTF_8));
        board.interrupt();
        board.join(TimeUnit.SECONDS.toMillis(10));
        return page.statusCode() == 200 && page.body().contains("<html") ? 0 : 1;
    }
}
