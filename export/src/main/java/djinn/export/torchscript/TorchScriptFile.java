package djinn.export.torchscript;

import static java.nio.charset.StandardCharsets.UTF_8;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** What a TorchScript file says about itself, read without the engine. */
public final class TorchScriptFile {

    private TorchScriptFile() {}

    /**
     * Tells whether a file is a TorchScript archive, and not a state dict of {@code torch.save}: it has code in it.
     *
     * @param file the file
     * @return false if it is anything else, or missing
     */
    public static boolean isTorchScript(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.stream().map(ZipEntry::getName).anyMatch(name -> name.matches("[^/]+/code/__torch__.*\\.py"));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads a text that was written beside the module, as {@code torch.jit.load} does with {@code _extra_files}.
     *
     * @param file a TorchScript archive
     * @param name the text's, such as {@code djinn.json}
     * @return empty if there is none
     * @throws DataException if the file cannot be read
     */
    public static Optional<String> extra(Path file, String name) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Optional<? extends ZipEntry> entry = zip.stream()
                    .filter(each -> each.getName().replaceFirst("^[^/]+/", "").equals("extra/" + name))
                    .findFirst();
            if (entry.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new String(zip.getInputStream(entry.get()).readAllBytes(), UTF_8));
        } catch (ZipException e) {
            throw new DataException(file + ": expected a TorchScript file, but it is damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }
}
