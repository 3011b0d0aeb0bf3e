package djinn.predict.detection;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A file, or a folder of such, that answers of a detector are written to, as {@link DetectionFormat} has it. */
public interface DetectionFile {

    /**
     * Adds what was found in an image.
     *
     * @param image its path, or {@code -} for one without
     * @param found the answer
     * @throws DataException if writing fails, or a list of images has none of that name
     */
    void add(String image, Detections found);

    /**
     * Writes what is to be written at the end.
     *
     * @return what whoever reads it should know, a line; empty if there is nothing
     * @throws DataException if writing fails
     */
    Optional<String> finish();

    /** Makes a folder if need be. */
    static Path folder(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DataException("cannot make the folder " + folder + ": " + AtomicFile.reason(e), e);
        }
    }
}
