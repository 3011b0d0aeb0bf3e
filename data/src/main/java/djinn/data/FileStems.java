package djinn.data;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Names for the files that are made of images: the images' own without folder and ending, each given once. */
public final class FileStems {

    private final Set<String> given = new HashSet<>();

    /**
     * Returns a name for an image's files.
     *
     * @param image its path, or {@code -} for one on standard input
     * @return {@code cat} of {@code photos/cat.jpg}, {@code cat-2} of another image of that name, {@code stdin} of {@code -}
     */
    public String of(String image) {
        Path file = Path.of(image).getFileName();
        String plain =
                image.equals("-") || file == null ? "stdin" : file.toString().replaceFirst("\\.[^.]*$", "");
        String stem = plain;
        for (int number = 2; !given.add(stem); number++) {
            stem = plain + "-" + number;
        }
        return stem;
    }
}
