package djinn.cli;

import djinn.ops.DataException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that commands are told to write: looked at before any work is done for them. */
final class OutputFile {

    private OutputFile() {}

    /**
     * Requires that a file can be written, as far as can be told without writing it.
     *
     * @param option what names the file, such as {@code --to}
     * @param file the file; null if the option was left out
     * @throws DataException if its folder is missing or cannot be written to, or it is a folder itself
     */
    static void require(String option, Path file) {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw new DataException(option + ": expected a file to write, got the folder " + file);
        }
        if (!Files.isDirectory(folder)) {
            throw new DataException(option + ": cannot write " + file + ": there is no folder "
                    + (file.getParent() == null ? folder : file.getParent()) + "; make it first");
        }
        if (!Files.isWritable(folder)) {
            throw new DataException(option + ": cannot write " + file + ": no permission to write into its folder");
        }
    }
}
