package djinn.zoo.weights;

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
import java.util.Optional;

/**
 * Files of the {@link Catalogue}, downloaded once into a cache.
 *
 * <p>A file is under way as {@code NAME.part}, which a later try goes on with; it gets its name when it is complete, on
 * disk and of the right SHA-256. What is in the cache is taken as it is: {@link #verify} checks it again. A lock file
 * {@code .NAME.lock}, which stays, lets one thread of one process at a time work on a file; another waits and finds it
 * there.
 *
 * <p>The cache is the folder {@code weights} in {@code DJINN_CACHE}, else in the user's cache: {@code ~/.cache/djinn}
 * ({@code XDG_CACHE_HOME} is honoured), {@code ~/Library/Caches/djinn} on macOS, {@code %LOCALAPPDATA%\djinn\cache} on
 * Windows. Proxies are Java's ({@code https.proxyHost}), else those of {@code HTTPS_PROXY}, {@code HTTP_PROXY} and
 * {@code NO_PROXY}.
 */
public final class Download {

    private final Path folder;
    private final Patience patience;
    private final HttpClient client;

    private Download(Path cache, ProxySelector proxies, Patience patience) {
        this.folder = cache.resolve("weights");
        this.patience = patience;
        this.client = PartialDownload.client(proxies, patience);
    }

    /** Returns downloads into the user's cache. */
    public static Download intoUsersCache() {
        return into(CacheFolder.ofUser(), EnvironmentProxies.ofProcess());
    }

    /**
     * Returns downloads into a cache of one's own.
     *
     * @param cache made when it is needed
     * @param proxies which proxy to ask for which address
     * @return the downloads
     */
    public static Download into(Path cache, ProxySelector proxies) {
        return into(cache, proxies, Patience.USUAL);
    }

    static Download into(Path cache, ProxySelector proxies, Patience patience) {
        return new Download(cache, proxies, patience);
    }

    /** Returns where the cache keeps a file, whether it is there or not. */
    public Path path(CatalogueEntry entry) {
        return folder.resolve(entry.fileName());
    }

    /**
     * Returns a file of the cache, downloaded if it is not there.
     *
     * @param entry which
     * @param listener hears of a download
     * @return the file; the cache's own, not to be changed
     * @throws DataException if it cannot be had: what was tried, and where to put the file by hand
     */
    public Path fetch(CatalogueEntry entry, DownloadListener listener) {
        Path target = path(entry);
        if (Files.isRegularFile(target)) {
            return target;
        }
        try {
            Files.createDirectories(folder);
            OneAtATime.run(folder.resolve("." + entry.fileName() + ".lock"), listener::waiting, () -> {
                if (!Files.isRegularFile(target)) {
                    download(entry, target, listener);
                }
            });
            return target;
        } catch (IOException e) {
            String reason =
                    e instanceof FileAlreadyExistsException ? "there is a file of that name" : AtomicFile.reason(e);
            throw AtomicFile.unusable(
                    "cannot download " + entry.id() + " into " + folder + ": " + reason
                            + "; free space there, or set DJINN_CACHE to a folder that can be written",
                    e);
        }
    }

    /**
     * Checks a file of the cache against its SHA-256; where the catalogue has none, that it is there.
     *
     * @param entry which
     * @return the file
     * @throws DataException if it is missing, cannot be read or is not what the catalogue says
     */
    public Path verify(CatalogueEntry entry) {
        Path file = path(entry);
        if (!Files.isRegularFile(file)) {
            throw AtomicFile.unusable(
                    file + ": expected " + entry.id() + ", there is no file; download it, or put it there", null);
        }
        try {
            String hash = FileHash.of(file, "SHA-256");
            if (entry.verifiable() && !hash.startsWith(entry.sha256())) {
                throw AtomicFile.unusable(
                        file + ": is damaged or not " + entry.id() + ": expected SHA-256 " + entry.sha256() + ", got "
                                + hash.substring(0, Math.max(16, entry.sha256().length()))
                                + "; delete it and download it again",
                        null);
            }
            return file;
        } catch (IOException e) {
            throw AtomicFile.unusable(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    private void download(CatalogueEntry entry, Path target, DownloadListener listener) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        PartialDownload transfer = new PartialDownload(client, patience, entry.url(), part);
        Optional<String> told;
        try {
            told = transfer.run(entry.verifiable(), listener);
        } catch (PartialDownload.Failure e) {
            throw AtomicFile.unusable(
                    "cannot download " + entry.id() + " from " + entry.url() + ": " + e.getMessage() + "; " + e.advice()
                            + ", or put that file at " + target + " by hand",
                    e);
        }
        String expected = entry.verifiable() ? entry.sha256() : told.orElse("");
        String hash = FileHash.of(part, "SHA-256");
        if (!hash.startsWith(expected)) {
            transfer.discard();
            throw AtomicFile.unusable(
                    "cannot use what " + entry.url() + " sent for " + entry.id() + ": expected SHA-256 " + expected
                            + ", got " + hash.substring(0, Math.max(16, expected.length()))
                            + "; it was removed: try again, or ask whether a proxy changes downloads",
                    null);
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        transfer.done();
    }
}
