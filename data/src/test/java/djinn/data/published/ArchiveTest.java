package djinn.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.published.PublishedFile.Unpacking;
import djinn.ops.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {

    @TempDir
    private Path folder;

    private interface Content {
        void write(TarArchiveOutputStream tar) throws IOException;
    }

    private Path tar(boolean packed, Content content) throws IOException {
        Path file = folder.resolve(packed ? "a.tgz" : "a.tar");
        try (OutputStream out = Files.newOutputStream(file);
                OutputStream plain = packed ? new GZIPOutputStream(out) : out;
                TarArchiveOutputStream tar = new TarArchiveOutputStream(plain)) {
            content.write(tar);
        }
        return file;
    }

    private static void put(TarArchiveOutputStream tar, String name, String text) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream tar, String name, String to, byte kind) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind);
        entry.setLinkName(to);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private Path into() {
        return folder.resolve("out");
    }

    @Test
    void foldersAndFilesComeOut() throws IOException {
        for (boolean packed : new boolean[] {false, true}) {
            Path archive = tar(packed, tar -> {
                put(tar, "set/", "");
                put(tar, "set/é.txt", "one");
                put(tar, "./set/b/c.txt", "two");
            });
            assertThat(Archive.unpack(archive, Unpacking.TAR, into())).hasSize(2);
            assertThat(into().resolve("set/é.txt")).hasContent("one");
            assertThat(into().resolve("set/b/c.txt")).hasContent("two");
        }
    }

    @Test
    void linksWithinBecomeCopies() throws IOException {
        Path archive = tar(false, tar -> {
            put(tar, "set/a.txt", "one");
            link(tar, "set/hard.txt", "set/a.txt", TarConstants.LF_LINK);
            link(tar, "set/soft.txt", "a.txt", TarConstants.LF_SYMLINK);
        });
        Archive.unpack(archive, Unpacking.TAR, into());
        assertThat(into().resolve("set/hard.txt")).hasContent("one");
        assertThat(into().resolve("set/soft.txt")).hasContent("one");
        assertThat(Files.isSymbolicLink(into().resolve("set/soft.txt"))).isFalse();
    }

    @Test
    void linksThatLeadOutAreRefused() throws IOException {
        Files.writeString(folder.resolve("secret.txt"), "secret");
        for (String to :
                new String[] {"../secret.txt", folder.resolve("secret.txt").toString(), "missing.txt"}) {
            for (byte kind : new byte[] {TarConstants.LF_LINK, TarConstants.LF_SYMLINK}) {
                Path archive = tar(false, tar -> link(tar, "link.txt", to, kind));
                assertThatThrownBy(() -> Archive.unpack(archive, Unpacking.TAR, into()))
                        .as(to)
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("expected files and folders within the archive, found ");
                assertThat(into().resolve("link.txt")).doesNotExist();
            }
        }
    }

    @Test
    void pathsThatLeadOutAreRefused() throws IOException {
        for (String name : new String[] {"../evil.txt", "a/../../evil.txt", "/evil.txt", "..\\evil.txt"}) {
            Path archive = tar(false, tar -> put(tar, name, "evil"));
            assertThatThrownBy(() -> Archive.unpack(archive, Unpacking.TAR, into()))
                    .as(name)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("found a path out of the folder");
            assertThat(folder.resolve("evil.txt")).doesNotExist();
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need rights there")
    void aLinkThatIsThereAlreadyIsNoWayOut() throws IOException {
        Files.createDirectories(into());
        Files.createDirectories(folder.resolve("elsewhere"));
        Files.createSymbolicLink(into().resolve("set"), folder.resolve("elsewhere"));
        Path archive = tar(false, tar -> put(tar, "set/evil.txt", "evil"));
        assertThatThrownBy(() -> Archive.unpack(archive, Unpacking.TAR, into()))
                .hasMessageContaining("found a path over a link out of the folder");
        assertThat(folder.resolve("elsewhere/evil.txt")).doesNotExist();
    }

    @Test
    void specialFilesAreRefused() throws IOException {
        Path archive = tar(false, tar -> link(tar, "pipe", "", TarConstants.LF_FIFO));
        assertThatThrownBy(() -> Archive.unpack(archive, Unpacking.TAR, into()))
                .hasMessageContaining("found a special file: pipe");
    }

    @Test
    void whatGrowsWithoutEndIsStopped() throws IOException {
        Path packed = tar(true, tar -> put(tar, "zeros", "0".repeat(1_000_000)));
        assertThat(Files.size(packed)).isLessThan(10_000);
        assertThatThrownBy(() -> Archive.unpack(packed, Unpacking.TAR, into(), 500_000))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected at most 500000 bytes when it is unpacked, found more");
        assertThat(Files.size(into().resolve("zeros"))).isLessThanOrEqualTo(500_000);
        Path zip = folder.resolve("a.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("many"));
            out.write(new byte[1_000_000]);
        }
        assertThatThrownBy(() -> Archive.unpack(zip, Unpacking.ZIP, into(), 500_000))
                .hasMessageContaining("found more");
        assertThat(into().resolve("many")).doesNotExist();
    }

    @Test
    void damageIsOneLine() throws IOException {
        Path packed = tar(true, tar -> put(tar, "a.txt", "one".repeat(1000)));
        byte[] bytes = Files.readAllBytes(packed);
        Path cut = folder.resolve("cut.tgz");
        Files.write(cut, Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> Archive.unpack(cut, Unpacking.TAR, into()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cut.tgz: is damaged");
        Path text = folder.resolve("text.zip");
        Files.writeString(text, "<html>not found</html>");
        assertThatThrownBy(() -> Archive.unpack(text, Unpacking.ZIP, into()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("text.zip: is damaged or no archive of its kind");
        assertThatThrownBy(() -> Archive.unpack(text, Unpacking.TAR, into()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("text.zip: is damaged or no archive of its kind");
    }

    @Test
    void emptyArchivesAreRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ZipOutputStream(bytes).close();
        Path zip = folder.resolve("empty.zip");
        Files.write(zip, bytes.toByteArray());
        assertThatThrownBy(() -> Archive.unpack(zip, Unpacking.ZIP, into()))
                .hasMessageContaining("there are no files in it");
    }
}
