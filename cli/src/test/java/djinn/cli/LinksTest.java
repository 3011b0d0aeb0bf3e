package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What pages point to within the project is there. */
class LinksTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    @Test
    void everyLinkLeadsSomewhere() {
        List<String> dead = new ArrayList<>();
        int links = 0;
        for (Path page : Pages.all()) {
            // what stands in code is no link
            Matcher link = LINK.matcher(Pages.text(page).replaceAll("(?s)```.*?```|`[^`\n]*`", ""));
            while (link.find()) {
                links++;
                if (isDead(page, link.group(1))) {
                    dead.add(page + " -> " + link.group(1));
                }
            }
        }
        assertThat(dead).isEmpty();
        assertThat(links).isGreaterThan(50);
    }

    private static boolean isDead(Path page, String target) {
        if (target.startsWith("https://")) {
            return false;
        }
        String[] parts = target.split("#", 2);
        Path folder = Pages.ROOT.resolve(page).getParent();
        Path file = parts[0].isEmpty() ? Pages.ROOT.resolve(page) : folder.resolve(parts[0]);
        return !Files.exists(file) || (parts.length == 2 && !headings(file).contains(parts[1]));
    }

    /** What a page's headings are called in links: lower case, hyphens for spaces, without other signs. */
    private static List<String> headings(Path file) {
        return Pages.text(Pages.ROOT.relativize(file.normalize()))
                .lines()
                .filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
