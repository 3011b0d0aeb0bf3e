package djinn.data.published;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Unpacks archives that strangers made: nothing is written outside of the folder, links that lead out of it and special
 * files are refused, and what comes out may not be larger than a bound.
 *
 * <p>A link within a tar archive to a file that was unpacked before becomes a copy of it. A link in a zip archive comes
 * out as the small file that it is stored as, which leads nowhere.
 */
public final class Archive {

    /** Photographs hardly shrink, texts to a fifth; what grows more than this is no data but an attack. */
    private static final long LARGEST_GROWTH = 100;

    /** So that a small archive of a few long runs of zeros is still fine. */
    private static final long ALWAYS_FINE = 64L << 20;

    private static final int CHUNK = 1 << 16;

    private final Path archive;
    private final Path folder;
    private final long mostBytes;
    private final List<Path> files = new ArrayList<>();
    private long written;

    private Archive(Path archive, Path folder, long mostBytes) {
        this.archive = archive;
        this.folder = folder;
        this.mostBytes = mostBytes;
    }

    /**
     * Unpacks a file.
     *
     * @param archive a zip, tar or tar.gz file
     * @param kind which; told from the first bytes, gzip or not, for tar
     * @param folder where to, made if need be; files of the same names are replaced
     * @return the files that came out, in the archive's order
     * @throws DataException if it is damaged or empty, wants to write elsewhere, or is larger unpacked than a hundred times its size
     * @throws IOException if the folder cannot be written
     */
    public static List<Path> unpack(Path archive, PublishedFile.Unpacking kind, Path folder) throws IOException {
        return unpack(archive, kind, folder, Math.max(ALWAYS_FINE, LARGEST_GROWTH * Files.size(archive)));
    }

    static List<Path> unpack(Path archive, PublishedFile.Unpacking kind, Path folder, long mostBytes)
            throws IOException {
        Files.createDirectories(folder);
        Archive unpacking = new Archive(archive, folder.toRealPath(), mostBytes);
        switch (kind) {
            case ZIP -> unpacking.zip();
            case TAR -> unpacking.tar();
            case KEEP -> throw new IllegalArgumentException("expected an archive, got a file to keep: " + archive);
        }
        if (unpacking.files.isEmpty()) {
            throw new DataException(archive
                    + ": is damaged or no archive of its kind (there are no files in it); delete it and get it again");
        }
        return unpacking.files;
    }

    private void zip() throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            long told = 0;
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                told += Math.max(0, entries.nextElement().getSize());
            }
            requireFew(told);
            DiskSpace.require(folder, told, "unpack " + archive);
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                Path target = inside(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    try (InputStream in = zip.getInputStream(entry)) {
                        write(in, target, entry.getName());
                    }
                }
            }
        } catch (ZipException e) {
            throw damaged(e);
        }
    }

    private void tar() throws IOException {
        try (InputStream in = unzipped();
                TarArchiveInputStream tar = new TarArchiveInputStream(in, "UTF-8")) {
            for (TarArchiveEntry entry = next(tar); entry != null; entry = next(tar)) {
                Path target = inside(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else if (entry.isSymbolicLink() || entry.isLink()) {
                    link(entry, target);
                } else if (entry.isFile() && !entry.isFIFO() && !entry.isCharacterDevice() && !entry.isBlockDevice()) {
                    write(tar, target, entry.getName());
                } else {
                    throw refused("a special file", entry.getName());
                }
            }
        }
    }

    private TarArchiveEntry next(TarArchiveInputStream tar) {
        try {
            return tar.getNextEntry();
        } catch (IOException | IllegalArgumentException e) {
            throw damaged(e);
        }
    }

    private InputStream unzipped() throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(archive), CHUNK);
        try {
            in.mark(2);
            boolean packed = in.read() == 0x1F && in.read() == 0x8B;
            in.reset();
            return packed ? new BufferedInputStream(new GZIPInputStream(in, CHUNK), CHUNK) : in;
        } catch (ZipException | EOFException e) {
            in.close();
            throw damaged(e);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** Links that stay within the folder, to what has come already, become copies. */
    private void link(TarArchiveEntry entry, Path target) throws IOException {
        Path from = entry.isLink()
                ? inside(entry.getLinkName())
                : target.resolveSibling(entry.getLinkName()).normalize();
        if (!from.startsWith(folder) || !Files.isRegularFile(from)) {
            throw refused(
                    "a link to " + entry.getLinkName() + ", which is no file unpacked before it", entry.getName());
        }
        try (InputStream in = Files.newInputStream(from)) {
            write(in, target, entry.getName());
        }
    }

    /** Where an entry goes; its name may not lead out of the folder, and neither may a link that is on the way. */
    private Path inside(String name) throws IOException {
        Path target;
        try {
            target = folder.resolve(name.replace('\\', '/')).normalize();
        } catch (InvalidPathException e) {
            throw refused("a name that is none", name);
        }
        if (name.startsWith("/") || name.matches("[A-Za-z]:.*") || !target.startsWith(folder)) {
            throw refused("a path out of the folder", name);
        }
        Path there = target;
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        if (!there.toRealPath().startsWith(folder)) {
            throw refused("a path over a link out of the folder", name);
        }
        return target;
    }

    private void write(InputStream in, Path target, String name) throws IOException {
        Files.createDirectories(target.getParent());
        byte[] chunk = new byte[CHUNK];
        try (OutputStream out = Files.newOutputStream(target)) {
            for (int count = read(in, chunk, name); count >= 0; count = read(in, chunk, name)) {
                written += count;
                requireFew(written);
                out.write(chunk, 0, count);
            }
        }
        files.add(target);
    }

    /** Reading that fails is the archive's fault, unlike writing. */
    private int read(InputStream in, byte[] chunk, String name) {
        try {
            return in.read(chunk);
        } catch (IOException e) {
            throw AtomicFile.unusable(
                    archive + ": is damaged at " + name + " (" + AtomicFile.reason(e) + "); delete it and get it again",
                    e);
        }
    }

    private void requireFew(long bytes) {
        if (bytes > mostBytes) {
            throw new DataException(archive + ": expected at most " + mostBytes + " bytes when it is unpacked, found"
                    + " more; it is no archive of data, delete it");
        }
    }

    private DataException refused(String what, String name) {
        return AtomicFile.unusable(
                archive + ": expected files and folders within the archive, found " + what + ": " + name
                        + "; nothing more was unpacked",
                null);
    }

    private DataException damaged(Exception e) {
        return AtomicFile.unusable(
                archive + ": is damaged or no archive of its kind (" + e.getMessage() + "); delete it and get it again",
                e);
    }
}
