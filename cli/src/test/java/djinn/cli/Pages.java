package djinn.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pages of the project that people read. */
final class Pages {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern BLOCK =
            Pattern.compile("(?:<!-- (?<note>[^>]*) -->\n)?```(?<language>\\w+)\n(?<text>.*?)```\n", Pattern.DOTALL);

    private Pages() {}

    /**
     * A block of code.
     *
     * @param page where it stands, from the root
     * @param note the comment right above it; null if there is none
     * @param text what is in it
     */
    record Code(Path page, String note, String text) {

        @Override
        public String toString() {
            return page + ": " + text.lines().findFirst().orElse("");
        }
    }

    /** Returns README, CONTRIBUTING, the pages in docs and those of the examples, by their paths from the root. */
    static List<Path> all() {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("", "docs", "docs/decisions", "examples/regression")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .map(ROOT::relativize)
                        .sorted()
                        .forEach(pages::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return pages;
    }

    static String text(Path page) {
        try {
            return Files.readString(ROOT.resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the blocks of a language on a page. */
    static List<Code> code(Path page, String language) {
        List<Code> blocks = new ArrayList<>();
        Matcher found = BLOCK.matcher(text(page));
        while (found.find()) {
            if (found.group("language").equals(language)) {
                blocks.add(new Code(page, found.group("note"), found.group("text")));
            }
        }
        return blocks;
    }
}
