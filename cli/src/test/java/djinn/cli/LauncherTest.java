package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, in a checkout of nothing, with a Maven and a Java that only tell how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

    private static final long SECONDS = 60;

    private static final String MAVEN = """
            #!/bin/sh
            if [ "$1" = --version ]; then echo "Apache Maven ${STUB_MAVEN:-3.9.6} (abc)"; exit 0; fi
            echo built >>"$STUB_LOG"
            echo "[INFO] Building Djinn ops 0.1.0-SNAPSHOT                    [1/2]"
            sleep "${STUB_SLEEP:-0}"
            if [ -n "$STUB_FAILS" ]; then echo "[ERROR] no such symbol"; exit 1; fi
            echo jar >cli/target/djinn.jar
            """;

    private static final String JAVA = """
            #!/bin/sh
            if [ "$1" = -version ]; then echo "openjdk version \\"${STUB_JAVA:-17.0.15}\\" 2025-04-15" >&2; exit 0; fi
            for word; do [ "$word" != warm-up ] || exit 0; done
            echo "locale $(locale charmap 2>/dev/null || echo "$LC_ALL")"
            echo "heaps ${MALLOC_ARENA_MAX:-any}"
            for word; do echo "$word"; done
            """;

    @TempDir
    private Path folder;

    /** Where what a process prints goes. */
    private final Map<Process, List<Path>> outputs = new HashMap<>();

    private Path home;
    private Path tools;

    private record Ended(int code, String out, String err) {}

    @BeforeEach
    void checkout() throws IOException {
        home = Files.createDirectories(folder.resolve("a check-out"));
        for (String module : List.of("cli", "ops")) {
            Files.createDirectories(home.resolve(module + "/src/main"));
            Files.writeString(home.resolve(module + "/pom.xml"), "");
            Files.writeString(home.resolve(module + "/src/main/A.java"), "");
        }
        Files.writeString(home.resolve("pom.xml"), "");
        Files.copy(Path.of("..", "djinn"), home.resolve("djinn"), StandardCopyOption.COPY_ATTRIBUTES);
        tools = Files.createDirectories(folder.resolve("tools"));
        executable(tools.resolve("mvn"), MAVEN);
        executable(tools.resolve("java"), JAVA);
    }

    private static void executable(Path file, String script) throws IOException {
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Process start(Path launcher, Map<String, String> environment, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(launcher.toString()));
        words.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.directory(folder.toFile());
        Map<String, String> own = builder.environment();
        List.of("JAVA_HOME", "DJINN_OPTS", "LANG", "LC_ALL", "LC_CTYPE").forEach(own::remove);
        own.put("PATH", tools + ":" + own.get("PATH"));
        own.put("STUB_LOG", builds().toString());
        own.putAll(environment);
        builder.redirectOutput(Files.createTempFile(folder, "out", "").toFile());
        builder.redirectError(Files.createTempFile(folder, "err", "").toFile());
        Process process = builder.start();
        outputs.put(
                process,
                List.of(
                        builder.redirectOutput().file().toPath(),
                        builder.redirectError().file().toPath()));
        return process;
    }

    private Ended ended(Process process) throws IOException, InterruptedException {
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("ends").isTrue();
        List<Path> files = outputs.get(process);
        return new Ended(process.exitValue(), Files.readString(files.get(0)), Files.readString(files.get(1)));
    }

    private Ended djinn(Path launcher, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        return ended(start(launcher, environment, arguments));
    }

    private Path builds() {
        return folder.resolve("builds");
    }

    private long countBuilds() throws IOException {
        return Files.exists(builds()) ? Files.readAllLines(builds()).size() : 0;
    }

    private Path lock() {
        return home.resolve("cli/target/.building");
    }

    @Test
    void theFirstStartBuildsAndSaysWhatItDoesTheNextDoesNot() throws Exception {
        Ended first = djinn(home.resolve("djinn"), Map.of("STUB_SLEEP", "1"), "models", "two words");
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.err()).contains("djinn: building Djinn ops, 1 of 2").contains("djinn: preparing quick starts");
        assertThat(first.out().lines()).contains("-Ddjinn.home=" + home.toRealPath(), "models", "two words");
        Ended second = djinn(home.resolve("djinn"), Map.of(), "models");
        assertThat(second.err()).isEmpty();
        assertThat(countBuilds()).isEqualTo(1);
        assertThat(lock()).doesNotExist();
        Files.setLastModifiedTime(
                home.resolve("ops/src/main/A.java"), FileTime.fromMillis(System.currentTimeMillis() + 5000));
        djinn(home.resolve("djinn"), Map.of(), "models");
        assertThat(countBuilds()).isEqualTo(2);
    }

    @Test
    void symbolicLinksLeadHome() throws Exception {
        Path links = Files.createDirectories(folder.resolve("x/bin"));
        Files.createSymbolicLink(links.resolve("absolute"), home.resolve("djinn"));
        Files.createSymbolicLink(links.resolve("relative"), Path.of("..", "..", "a check-out", "djinn"));
        Files.createSymbolicLink(links.resolve("chain"), Path.of("relative"));
        // its "..", seen from the link's name, would be another folder than the one it stands in
        Files.createSymbolicLink(folder.resolve("bin"), links);
        for (Path link : List.of(
                links.resolve("absolute"),
                links.resolve("relative"),
                links.resolve("chain"),
                folder.resolve("bin/chain"))) {
            Ended answer = djinn(link, Map.of(), "models");
            assertThat(answer.out().lines())
                    .as("%s: %s", link, answer.err())
                    .contains("-Ddjinn.home=" + home.toRealPath());
        }
        assertThat(countBuilds()).isEqualTo(1);
        Ended onPath = djinn(
                Path.of("/usr/bin/env"), Map.of("PATH", links + ":" + tools + ":" + System.getenv("PATH")), "chain");
        assertThat(onPath.out().lines()).as(onPath.err()).contains("-Ddjinn.home=" + home.toRealPath());
    }

    @Test
    void oneOfTwoFirstStartsBuilds() throws Exception {
        Map<String, String> slow = Map.of("STUB_SLEEP", "2");
        List<Process> starts = List.of(
                start(home.resolve("djinn"), slow, "models"),
                start(home.resolve("djinn"), slow, "models"),
                start(home.resolve("djinn"), slow, "models"));
        int waited = 0;
        for (Process start : starts) {
            Ended answer = ended(start);
            assertThat(answer.code()).as(answer.err()).isZero();
            assertThat(answer.out().lines()).contains("models");
            waited += answer.err().contains("another start is building") ? 1 : 0;
        }
        assertThat(countBuilds()).isEqualTo(1);
        assertThat(waited).isEqualTo(2);
        assertThat(lock()).doesNotExist();
    }

    @Test
    void whatAKilledStartLeftDoesNotHoldTheNext() throws Exception {
        Process killed = start(home.resolve("djinn"), Map.of("STUB_SLEEP", "3"), "models");
        while (countBuilds() == 0) {
            Thread.sleep(20);
        }
        killed.destroyForcibly().waitFor();
        // its Maven lives on, and is waited for
        Ended next = djinn(home.resolve("djinn"), Map.of(), "models");
        assertThat(next.code()).as(next.err()).isZero();
        assertThat(next.err()).contains("another start is building");
        assertThat(countBuilds()).isEqualTo(2);

        Files.createDirectories(lock());
        Files.delete(home.resolve("cli/target/.built"));
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Files.writeString(lock().resolve(Long.toString(dead.pid())), "");
        assertThat(djinn(home.resolve("djinn"), Map.of(), "models").code()).isZero();

        // a number that now is another's, in a lock of an hour ago
        Files.createDirectories(lock());
        Files.delete(home.resolve("cli/target/.built"));
        Path reused = Files.writeString(
                lock().resolve(Long.toString(ProcessHandle.current().pid())), "");
        Files.setLastModifiedTime(reused, FileTime.fromMillis(System.currentTimeMillis() - 3_600_000));
        assertThat(djinn(home.resolve("djinn"), Map.of(), "models").code()).isZero();
        assertThat(lock()).doesNotExist();
    }

    @Test
    void anInterruptedBuildStopsMavenAndUnlocks() throws Exception {
        Process interrupted = start(home.resolve("djinn"), Map.of("STUB_SLEEP", "6"), "models");
        while (countBuilds() == 0) {
            Thread.sleep(20);
        }
        interrupted.destroy();
        assertThat(ended(interrupted).code()).isEqualTo(143);
        assertThat(lock()).doesNotExist();
        assertThat(djinn(home.resolve("djinn"), Map.of(), "models").code()).isZero();
    }

    @Test
    void aBuildThatFailsShowsMavensErrors() throws Exception {
        Ended answer = djinn(home.resolve("djinn"), Map.of("STUB_FAILS", "yes"), "models");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("[ERROR] no such symbol").contains("cli/target/build.log");
        assertThat(answer.out()).isEmpty();
        assertThat(lock()).doesNotExist();
        assertThat(djinn(home.resolve("djinn"), Map.of(), "models").code()).isZero();
    }

    @Test
    void whatIsMissingOrTooOldIsOneLine() throws Exception {
        expectLine("found 3.6", Map.of("STUB_MAVEN", "3.6.3"));
        expectLine("expected Java 17 or newer, found 11", Map.of("STUB_JAVA", "11.0.2"));
        expectLine("expected Java 17 or newer, found 8", Map.of("STUB_JAVA", "1.8.0_402"));
        expectLine("found no /nowhere/bin/java", Map.of("JAVA_HOME", "/nowhere"));
        Path bare = bare();
        expectLine("found no java", Map.of("PATH", bare.toString()));
        Files.createSymbolicLink(bare.resolve("java"), tools.resolve("java"));
        expectLine("found no mvn", Map.of("PATH", bare.toString()));
        // and where the build is there, but Java is another
        assertThat(djinn(home.resolve("djinn"), Map.of(), "models").code()).isZero();
        Path other = Files.createDirectories(folder.resolve("jdk 11/bin"));
        executable(other.resolve("java"), JAVA);
        expectLine(
                "expected Java 17 or newer, found 11",
                Map.of("JAVA_HOME", other.getParent().toString(), "STUB_JAVA", "11.0.2"));
    }

    /** A folder of the system's tools, but Java and Maven. */
    private Path bare() throws IOException {
        Path bare = Files.createDirectories(folder.resolve("bare"));
        for (String tool : List.of(
                "sh", "dirname", "readlink", "locale", "grep", "sort", "head", "sed", "find", "mkdir", "cat", "ls")) {
            for (String place : List.of("/usr/bin", "/bin")) {
                Path file = Path.of(place, tool);
                if (Files.exists(file) && Files.notExists(bare.resolve(tool))) {
                    executable(bare.resolve(tool), "#!/bin/sh\nexec " + file + " \"$@\"\n");
                }
            }
        }
        return bare;
    }

    private void expectLine(String part, Map<String, String> environment) throws Exception {
        Ended answer = djinn(home.resolve("djinn"), environment, "models");
        assertThat(answer.err()).contains(part).hasLineCount(1);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.code()).isEqualTo(1);
    }

    @Test
    void threadsShareOneHeapUnlessTheEnvironmentSaysOtherwise() throws Exception {
        assertThat(djinn(home.resolve("djinn"), Map.of("MALLOC_ARENA_MAX", "")).out())
                .contains("heaps 1\n");
        assertThat(djinn(home.resolve("djinn"), Map.of("MALLOC_ARENA_MAX", "4")).out())
                .contains("heaps 4\n");
        Map<String, String> tuned = Map.of("GLIBC_TUNABLES", "glibc.malloc.check=0", "MALLOC_ARENA_MAX", "");
        assertThat(djinn(home.resolve("djinn"), tuned).out()).contains("heaps any\n");
    }

    @Test
    void theLocaleIsOneOfUtf8() throws Exception {
        for (Map<String, String> environment : List.of(
                Map.<String, String>of(),
                Map.of("LC_ALL", "C"),
                Map.of("LC_ALL", "POSIX", "LANG", "en_US.UTF-8"),
                Map.of("LANG", "xx_YY.UTF-8"))) {
            Ended answer = djinn(home.resolve("djinn"), environment, "predict", "caf\u00e9");
            assertThat(answer.out().lines())
                    .as("%s: %s", environment, answer.err())
                    .contains("locale UTF-8", "-Dfile.encoding=UTF-8");
        }
    }

    @Test
    void closedStreamsAreNoFilesOfJava() throws Exception {
        executable(tools.resolve("java"), JAVA + "echo more || echo failed >\"$STUB_LOG.write\"\n");
        Path script = folder.resolve("closed");
        executable(script, "#!/bin/sh\n\"" + home.resolve("djinn") + "\" models <&- >&-\n");
        Ended answer = djinn(script, Map.of());
        assertThat(answer.err()).contains("djinn: building");
        assertThat(folder.resolve("builds.write")).hasContent("failed");
    }
}
