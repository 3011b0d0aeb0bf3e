package djinn.data.published;

import djinn.data.published.PublishedFile.Hash;
import djinn.data.published.PublishedFile.Unpacking;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.download.CacheFolder;
import djinn.ops.download.DownloadListener;
import djinn.ops.download.EnvironmentProxies;
import djinn.ops.download.FileHash;
import djinn.ops.download.OneAtATime;
import djinn.ops.download.PartialDownload;
import djinn.ops.download.Patience;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Data of the {@link DataCatalogue}, brought into a folder and unpacked there.
 *
 * <p>A file is under way as {@code NAME.part}, which a later try goes on with. It is checked against its hash where one is
 * known, else against its size; an archive is then replaced by what is in it. What is there and whole is not fetched again,
 * and a file that was put into the folder by hand, under the name that its address ends in, is taken.
 *
 * <p>The folder is {@code NAME} in {@code DJINN_DATA}, else in {@code data} of the cache that weights are kept in.
 */
public final class DataDownload {

    private static final String LOCK = ".djinn-data.lock";

    /**
     * What there is now.
     *
     * @param folder where the data is
     * @param files how many files
     * @param isNew whether something was downloaded or unpacked
     * @param unverified the downloads of which no hash is known
     * @param notes what else was done, in a sentence each
     */
    public record Fetched(Path folder, int files, boolean isNew, List<String> unverified, List<String> notes) {

        /** Copies the lists. */
        public Fetched {
            unverified = List.copyOf(unverified);
            notes = List.copyOf(notes);
        }
    }

    private final Path base;
    private final Patience patience;
    private final HttpClient client;

    private DataDownload(Path base, ProxySelector proxies, Patience patience) {
        this.base = base;
        this.patience = patience;
        this.client = PartialDownload.client(proxies, patience);
    }

    /** Returns downloads into this user's folder of data. */
    public static DataDownload intoUsersFolder() {
        String own = System.getenv().getOrDefault("DJINN_DATA", "");
        return into(
                own.isBlank()
                        ? CacheFolder.ofUser().resolve("data")
                        : Path.of(own).toAbsolutePath(),
                EnvironmentProxies.ofProcess());
    }

    /**
     * Returns downloads into a folder of one's own.
     *
     * @param base holds a folder for each data set
     * @param proxies which proxy to ask for which address
     */
    public static DataDownload into(Path base, ProxySelector proxies) {
        return into(base, proxies, Patience.USUAL);
    }

    static DataDownload into(Path base, ProxySelector proxies, Patience patience) {
        return new DataDownload(base, proxies, patience);
    }

    /** Returns where data is kept, whether it is there or not. */
    public Path folder(PublishedData data) {
        return base.resolve(data.name());
    }

    /**
     * Brings data that is not there yet.
     *
     * @param data which
     * @param folder where to, made if need be
     * @param listeners hear of the download of each file
     * @return what there is then
     * @throws DataException if a file cannot be had, is not what the catalogue says, or there is no room for it
     */
    public Fetched fetch(PublishedData data, Path folder, Function<PublishedFile, DownloadListener> listeners) {
        try {
            Files.createDirectories(folder);
            List<Fetched> result = new ArrayList<>();
            OneAtATime.run(
                    folder.resolve(LOCK),
                    () -> listeners.apply(data.files().get(0)).waiting(),
                    () -> result.add(fetchAlone(data, folder, listeners)));
            return result.get(0);
        } catch (IOException e) {
            String reason =
                    e instanceof FileAlreadyExistsException ? "there is a file of that name" : AtomicFile.reason(e);
            throw AtomicFile.unusable(
                    "cannot bring " + data.name() + " into " + folder + ": " + reason
                            + "; free space there, or give another folder by --to or DJINN_DATA; what came is kept",
                    e);
        }
    }

    private Fetched fetchAlone(PublishedData data, Path folder, Function<PublishedFile, DownloadListener> listeners)
            throws IOException {
        UnpackedFiles unpacked = UnpackedFiles.in(folder);
        List<PublishedFile> missing = new ArrayList<>();
        long bytes = 0;
        for (PublishedFile file : data.files()) {
            if (!unpacked.isWhole(file)) {
                missing.add(file);
                if (!Files.isRegularFile(folder.resolve(file.name()))) {
                    bytes += Math.max(0, file.bytes().orElse(0) - sizeOf(part(folder, file)));
                }
            }
        }
        DiskSpace.require(folder, bytes, "download " + data.name());
        for (PublishedFile file : missing) {
            Path whole = folder.resolve(file.name());
            if (Files.isRegularFile(whole)) {
                check(data, file, whole, whole + ": delete it, and it is downloaded");
            } else {
                download(data, file, whole, listeners.apply(file));
            }
            unpacked.put(file, unpack(file, whole, folder));
            if (file.unpack() != Unpacking.KEEP) {
                Files.delete(whole);
            }
        }
        List<String> notes = data.objects().isPresent()
                ? ObjectList.write(folder, data.objects().get())
                : List.of();
        return new Fetched(
                folder,
                data.files().stream().mapToInt(unpacked::count).sum(),
                !missing.isEmpty(),
                data.files().stream()
                        .filter(file -> file.hash().isEmpty())
                        .map(PublishedFile::name)
                        .toList(),
                notes);
    }

    private static Path part(Path folder, PublishedFile file) {
        return folder.resolve(file.name() + ".part");
    }

    private static long sizeOf(Path file) throws IOException {
        return Files.isRegularFile(file) ? Files.size(file) : 0;
    }

    private static List<Path> unpack(PublishedFile file, Path whole, Path folder) throws IOException {
        return file.unpack() == Unpacking.KEEP ? List.of(whole) : Archive.unpack(whole, file.unpack(), folder);
    }

    private void download(PublishedData data, PublishedFile file, Path whole, DownloadListener listener)
            throws IOException {
        Path part = whole.resolveSibling(whole.getFileName() + ".part");
        PartialDownload transfer = new PartialDownload(client, patience, file.url(), part);
        try {
            transfer.run(file.hash().isPresent(), listener);
        } catch (PartialDownload.Failure e) {
            throw AtomicFile.unusable(
                    "cannot download " + data.name() + " from " + file.url() + ": " + e.getMessage() + "; " + e.advice()
                            + ", or put that file at " + whole + " by hand",
                    e);
        }
        check(data, file, part, "it is kept as " + part + ": delete it and try again, or see what is in it");
        Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        transfer.done();
    }

    private static void check(PublishedData data, PublishedFile file, Path path, String advice) throws IOException {
        Optional<Hash> hash = file.hash();
        String wrong = "cannot use " + path.getFileName() + " for " + data.name() + ": expected ";
        if (file.bytes().isPresent() && Files.size(path) != file.bytes().getAsLong()) {
            throw AtomicFile.unusable(
                    wrong + file.bytes().getAsLong() + " bytes"
                            + hash.map(known -> " of " + text(known)).orElse("")
                            + ", got " + Files.size(path)
                            + (hash.isPresent()
                                    ? " of " + FileHash.of(path, hash.get().algorithm())
                                    : "")
                            + "; " + advice,
                    null);
        }
        if (hash.isPresent()) {
            String got = FileHash.of(path, hash.get().algorithm());
            if (!got.equals(hash.get().digits())) {
                throw AtomicFile.unusable(wrong + text(hash.get()) + ", got " + got + "; " + advice, null);
            }
        }
    }

    private static String text(Hash hash) {
        return hash.algorithm() + " " + hash.digits();
    }
}
