package djinn.cli;

import djinn.data.Pixels;
import djinn.inference.Answer;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Writes the pictures of answers into a folder: {@code NAME-mask.png} of {@code NAME.jpg}. */
final class AnswerPictures {

    private final Path folder;
    private final Set<String> names = new HashSet<>();

    /** Makes the folder if need be. */
    AnswerPictures(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DataException("--to: cannot make the folder " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    /** Writes what an answer draws; returns the files by what they show. */
    Map<String, Path> write(String name, Pixels image, Answer answer) {
        String stem = stem(name);
        Map<String, Path> files = new LinkedHashMap<>();
        answer.pictures(image).forEach((what, picture) -> {
            Path file = folder.resolve(stem + "-" + what + ".png");
            AtomicFile.writePng(file, picture);
            files.put(what, file);
        });
        return files;
    }

    /** The image's name without folder and ending; numbered where another image has it. */
    private String stem(String name) {
        Path file = Path.of(name).getFileName();
        String plain = name.equals(ImageArguments.STANDARD_INPUT) || file == null
                ? "stdin"
                : file.toString().replaceFirst("\\.[^.]*$", "");
        String stem = plain;
        for (int number = 2; !names.add(stem); number++) {
            stem = plain + "-" + number;
        }
        return stem;
    }
}
