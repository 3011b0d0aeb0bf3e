package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import djinn.ops.DataException;
import djinn.zoo.weights.Catalogue;
import djinn.zoo.weights.CatalogueEntry;
import djinn.zoo.weights.Download;
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
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class WeightsCommandTest {

    @TempDir
    private Path folder;

    private record Answer(int code, String out, String err) {}

    private static Answer djinn(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Djinn.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = command.execute(arguments);
        return new Answer(code, out.toString(), err.toString());
    }

    @Test
    void weightsAreListed() {
        Answer all = djinn("weights", "list");
        assertThat(all.err()).isEmpty();
        assertThat(all.out()).contains("squeezenet1_1/imagenet1k_v1").contains("acc1 58.18  acc5 80.62");
        Answer one = djinn("weights", "list", "fcn_resnet50");
        assertThat(one.out()).contains("miou 60.50").contains("1167a1af").doesNotContain("squeezenet");
        Answer detector = djinn("weights", "list", "ssd300_vgg16");
        assertThat(detector.out())
                .contains("box_map 25.10")
                .contains("COCO-val2017")
                .contains("b556d3b4");
    }

    @Test
    void jsonIsOneObjectPerLine() {
        Answer answer = djinn("weights", "list", "squeezenet1_1", "--json");
        assertThat(answer.out()).hasLineCount(1);
        JsonNode line = new ObjectMapper().readTree(answer.out());
        assertThat(line.get("id").asString()).isEqualTo("squeezenet1_1/imagenet1k_v1");
        assertThat(line.get("url").asString())
                .isEqualTo("https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth");
        assertThat(line.get("sha256").asString()).isEqualTo("b8a52dc0");
        assertThat(line.get("metrics").get("acc1").asDouble()).isEqualTo(58.178);
        assertThat(line.get("mean")).hasSize(3);
    }

    @Test
    void mistakesAreOneLine() {
        Answer unknownModel = djinn("weights", "list", "squezenet1_1");
        assertThat(unknownModel.err()).contains("did you mean 'squeezenet1_1'?").hasLineCount(1);
        assertThat(unknownModel.code()).isEqualTo(2);
        Answer unknownWeights = djinn("weights", "download", "resnet18/imagenet1k_v9");
        assertThat(unknownWeights.err())
                .contains("did you mean 'resnet18/imagenet1k_v1'?")
                .hasLineCount(1);
        assertThat(unknownWeights.code()).isEqualTo(2);
        Answer none = djinn("weights", "list", "nin_small");
        assertThat(none.err()).contains("no weights of nin_small").hasLineCount(1);
        assertThat(none.code()).isEqualTo(1);
        assertThat(djinn("weights").err()).contains("list, download, convert or average");
    }

    @Test
    void aDownloadIsKeptCopiedAndCheckedWhenAskedForAgain() throws IOException {
        byte[] content = "weights".getBytes(StandardCharsets.UTF_8);
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
            exchange.close();
        });
        server.start();
        try {
            CatalogueEntry real = Catalogue.find("squeezenet1_1");
            // sha256sum of the seven letters
            String sha256 = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c";
            CatalogueEntry entry = new CatalogueEntry(
                    real.model(),
                    real.name(),
                    URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/a.pth"),
                    sha256,
                    real.megabytes(),
                    real.licence(),
                    real.data(),
                    real.metrics(),
                    real.size(),
                    real.resize(),
                    real.interpolation(),
                    real.mean(),
                    real.std(),
                    real.source());
            Download download = Download.into(folder.resolve("cache"), ProxySelector.of(null));
            Path copy = folder.resolve("copy.pth");
            assertThat(bring(entry, download))
                    .isEqualTo("downloading squeezenet1_1/imagenet1k_v1, 0.0 MB\n" + download.path(entry)
                            + ": SHA-256 as in the catalogue; licence BSD-3-Clause");
            assertThat(bring(entry, download, "--to", copy.toString()))
                    .isEqualTo(copy + ": SHA-256 as in the catalogue; licence BSD-3-Clause");
            assertThat(copy).hasBinaryContent(content);
            assertThat(requests).hasValue(1);
            Files.writeString(download.path(entry), "damaged");
            assertThatThrownBy(() -> bring(entry, download))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("delete it and download it again");
        } finally {
            server.stop(0);
        }
    }

    private static String bring(CatalogueEntry entry, Download download, String... options) {
        StringWriter out = new StringWriter();
        WeightsCommand.Fetch fetch = new WeightsCommand.Fetch();
        CommandLine command = new CommandLine(fetch).setOut(new PrintWriter(out));
        List<String> words = new ArrayList<>(List.of(options));
        words.add(entry.id());
        command.parseArgs(words.toArray(new String[0]));
        fetch.bring(entry, download);
        return out.toString().strip();
    }

    @Test
    void outsideATerminalADownloadIsPlainLines() {
        StringWriter text = new StringWriter();
        var progress = new DownloadProgress(new PrintWriter(text), false, 0, "alexnet/imagenet1k_v1");
        progress.progress(0, OptionalLong.of(5_000_000));
        progress.progress(2_000_000, OptionalLong.of(5_000_000));
        progress.progress(5_000_000, OptionalLong.of(5_000_000));
        assertThat(text.toString().strip()).isEqualTo("downloading alexnet/imagenet1k_v1, 5.0 MB");
    }

    @Test
    void theBarFitsTheTerminal() {
        OptionalLong total = OptionalLong.of(4_000_000);
        assertThat(DownloadProgress.bar("a/b", 1_000_000, total, 2_500_000, 200, true))
                .isEqualTo("a/b " + "█".repeat(6) + "░".repeat(18) + " 1.0/4.0 MB  2.5 MB/s");
        assertThat(DownloadProgress.bar("a/b", 1_000_000, OptionalLong.empty(), 2_500_000, 200, false))
                .isEqualTo("a/b " + ".".repeat(24) + " 1.0 MB  2.5 MB/s");
        assertThat(DownloadProgress.bar("a/b", 1_000_000, total, 2_500_000, 30, true))
                .hasSizeLessThan(30)
                .endsWith("2.5 MB/s");
        assertThat(DownloadProgress.bar("a long name/of weights", 1, total, 1, 20, true))
                .hasSize(19);
    }
}
