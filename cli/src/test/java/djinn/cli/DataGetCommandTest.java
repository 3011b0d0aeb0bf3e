package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import djinn.data.published.DataCatalogue;
import djinn.data.published.DataDownload;
import djinn.data.published.PublishedData;
import djinn.data.published.PublishedFile;
import djinn.ops.DataException;
import djinn.tasks.Recipes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class DataGetCommandTest {

    @TempDir
    private Path folder;

    @Test
    void dataIsListedAndWhatIsNotKnownIsSaid() {
        Answer answer = Answer.of("data", "list");
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("mnist", "11.6", "CC BY-SA 3.0")
                .containsPattern("voc2007 .*detection +\\| unknown \\| all +\\| unknown")
                .containsPattern("bccd .*detection +\\| unknown \\| unknown \\| MIT");
    }

    @Test
    void jsonTellsAllThatIsKnown() {
        Answer answer = Answer.of("data", "list", "--json");
        assertThat(answer.out().lines()).hasSize(DataCatalogue.all().size());
        JsonNode mnist = new ObjectMapper()
                .readTree(Answer.of("data", "list", "mnist", "--json").out());
        assertThat(mnist.get("files").get(3).get("bytes").asInt()).isEqualTo(4542);
        assertThat(mnist.get("files").get(3).get("sha256").asString()).startsWith("f7ae60f92e00");
        assertThat(mnist.get("recipes").get("mnist_judge").get(0).asString()).isEqualTo("data.root={folder}");
        JsonNode nuclei = new ObjectMapper()
                .readTree(Answer.of("data", "list", "nuclei", "--json").out());
        assertThat(nuclei.get("files").get(0).get("sha256").asString()).isEqualTo("unknown");
        assertThat(nuclei.get("files").get(0).get("bytes").asString()).isEqualTo("unknown");
    }

    @Test
    void everySettingThatIsPrintedIsOneOfItsRecipe() {
        // the keys and their types, and what a source needs; whether the data is there is asked later
        for (PublishedData data : DataCatalogue.all()) {
            for (PublishedData.Use use : data.uses()) {
                Path recipe = Path.of("..", "configs", use.recipe() + ".yaml");
                assertThat(Recipes.read(recipe, use.in("/data/some folder")))
                        .as("%s for %s", use.recipe(), data.name())
                        .isNotNull();
            }
        }
    }

    @Test
    void mistakesAreOneLine() throws IOException {
        Answer unknown = Answer.of("data", "get", "minst");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err())
                .contains("unknown data 'minst', did you mean 'mnist'?")
                .hasLineCount(1);
        assertThat(Answer.of("data", "list", "cifar").err())
                .contains("did you mean 'cifar10' or 'cifar100'?")
                .hasLineCount(1);
        Path file = Files.writeString(folder.resolve("file"), "x");
        Answer taken = Answer.of("data", "get", "mnist", "--to", file.toString());
        assertThat(taken.code()).isEqualTo(2);
        assertThat(taken.err())
                .contains("expected --to with the name of a folder")
                .hasLineCount(1);
        assertThat(Answer.of("data").err()).contains("expected a subcommand: list, get or check");
    }

    @Test
    void whatCameIsToldWithRecipesToPaste() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("photos/cat/1.txt"));
            zip.write("meow".getBytes(StandardCharsets.UTF_8));
        }
        byte[] body = bytes.toByteArray();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/a.zip", exchange -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            PublishedData data = data("http://127.0.0.1:" + server.getAddress().getPort() + "/a.zip");
            DataDownload download = DataDownload.into(folder.resolve("my data"), ProxySelector.of(null));
            Path own = folder.resolve("my data").resolve("some");
            assertThat(bring(data, download))
                    .isEqualTo("some is in " + own + ": 1 file, not verified, no hash is known; licence MIT\n"
                            + "  djinn train image_folder --set 'data.root=" + own + "/photos' --set data.size=32\n");
            assertThat(own.resolve("photos/cat/1.txt")).hasContent("meow");
            assertThat(bring(data, download)).startsWith("some is in " + own + " already: 1 file");
            Path to = folder.resolve("elsewhere");
            assertThat(bring(data, download, "--to", to.toString())).contains("--set data.root=" + to + "/photos ");
            server.removeContext("/a.zip");
            Files.delete(own.resolve("photos/cat/1.txt"));
            assertThatThrownBy(() -> bring(data, download))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("the server answered 404 (not there)");
        } finally {
            server.stop(0);
        }
    }

    private static PublishedData data(String url) {
        return new PublishedData(
                "some",
                "Some photos",
                "classification",
                List.of(new PublishedFile(
                        URI.create(url),
                        OptionalLong.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        PublishedFile.Unpacking.ZIP)),
                Optional.of("MIT"),
                "http://127.0.0.1/",
                Optional.empty(),
                List.of(new PublishedData.Use("image_folder", List.of("data.root={folder}/photos", "data.size=32"))),
                Optional.empty(),
                Optional.empty(),
                "this test");
    }

    private static String bring(PublishedData data, DataDownload download, String... options) {
        StringWriter out = new StringWriter();
        DataGetCommand get = new DataGetCommand();
        CommandLine command =
                new CommandLine(get).setOut(new PrintWriter(out)).setErr(new PrintWriter(new StringWriter()));
        List<String> words = new ArrayList<>(List.of(options));
        words.add(data.name());
        command.registerConverter(Path.class, Mistakes::path).parseArgs(words.toArray(new String[0]));
        get.bring(data, download);
        return out.toString().replace(System.lineSeparator(), "\n");
    }
}
