package djinn.cli;

import djinn.data.published.DataCatalogue;
import djinn.data.published.DataDownload;
import djinn.data.published.PublishedData;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "get",
        description = "Bring a public data set, and tell how recipes read it.",
        footer = {
            "",
            "  djinn data get mnist",
            "  djinn data get oxford_pets --to data/pets",
            "",
            "A download that broke off goes on when asked for again; what is there and whole is not fetched again. Archives",
            "are unpacked and removed. Data is in DJINN_DATA, else in the folder data of the cache of weights (DJINN_CACHE,",
            "else the user's own). HTTPS_PROXY and NO_PROXY are honoured."
        })
final class DataGetCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The data as 'djinn data list' names it.")
    private String name;

    @Option(names = "--to", paramLabel = "FOLDER", description = "Where to, in place of the usual folder.")
    private Path to;

    @Override
    public void run() {
        bring(DataCatalogue.find(name), DataDownload.intoUsersFolder());
    }

    /** Downloads what is missing, and tells what there is. */
    void bring(PublishedData data, DataDownload download) {
        Path folder = (to == null ? download.folder(data) : to).toAbsolutePath().normalize();
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new ParameterException(
                    spec.commandLine(), "expected --to with the name of a folder, " + folder + " is a file");
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean terminal = Terminal.present();
        int width = terminal ? spec.usageMessage().autoWidth(true).width() : 0;
        List<DownloadProgress> shown = new ArrayList<>();
        DataDownload.Fetched fetched;
        try {
            fetched = download.fetch(data, folder, file -> {
                // a bar ends where the next begins
                shown.forEach(DownloadProgress::close);
                DownloadProgress progress =
                        new DownloadProgress(spec.commandLine().getErr(), terminal, width, file.name());
                shown.add(progress);
                return progress;
            });
        } finally {
            shown.forEach(DownloadProgress::close);
        }
        tell(data, fetched, out);
    }

    private static void tell(PublishedData data, DataDownload.Fetched fetched, PrintWriter out) {
        out.println(data.name() + " is in " + fetched.folder() + (fetched.isNew() ? "" : " already") + ": "
                + fetched.files() + (fetched.files() == 1 ? " file" : " files") + ", " + checked(data, fetched)
                + "; licence " + data.licence().orElse("unknown"));
        fetched.notes().forEach(out::println);
        data.note().ifPresent(out::println);
        for (PublishedData.Use use : data.uses()) {
            out.println("  djinn train " + use.recipe() + " "
                    + use.in(fetched.folder().toString()).stream()
                            .map(setting -> "--set " + Words.quoted(setting))
                            .collect(Collectors.joining(" ")));
        }
        out.flush();
    }

    private static String checked(PublishedData data, DataDownload.Fetched fetched) {
        int unverified = fetched.unverified().size();
        if (unverified == 0) {
            return "of downloads checked by their hashes";
        }
        return unverified == data.files().size()
                ? "not verified, no hash is known"
                : "not all verified, no hash is known of " + String.join(", ", fetched.unverified());
    }
}
