package djinn.cli;

import djinn.data.FileStems;
import djinn.data.Pixels;
import djinn.inference.Answer;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the pictures of answers into a folder: {@code NAME-mask.png} of {@code NAME.jpg}. */
final class AnswerPictures {

    private final Path folder;
    private final FileStems stems = new FileStems();

    /** Makes the folder if need be. */
    AnswerPictures(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DataException("cannot make the folder " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    /** Writes what an answer draws; returns the files by what they show. */
    Map<String, Path> write(String name, Pixels image, Answer answer) {
        String stem = stems.of(name);
        Map<String, Path> files = new LinkedHashMap<>();
        answer.pictures(image).forEach((what, picture) -> {
            Path file = folder.resolve(stem + "-" + what + ".png");
            AtomicFile.writePng(file, picture);
            files.put(what, file);
        });
        return files;
    }
}
