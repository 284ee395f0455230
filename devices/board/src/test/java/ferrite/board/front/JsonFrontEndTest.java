package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Json;
import ferrite.board.JsonSchema;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.ExitStatus;
import ferrite.board.session.Session;
import ferrite.hardware.turn.Interleavings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of JSON that a run of the real machine prints. */
class JsonFrontEndTest {

    private static final int SECTOR = 512;
    private static final String AGAIN = "ferrite run and so on";
    private static final JsonSchema SCHEMA = JsonSchema.of(JsonSchemas.RUN);

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private int status;

    private static BoardOptions options() {
        return new BoardOptions().ram(64 << 20);
    }

    private Path disk(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("disk" + bytes.length), bytes);
    }

    private String run(BoardOptions options, boolean json, String... script) throws IOException {
        out.reset();
        err.reset();
        Session.Streams text = new Session.Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8),
                OutputStream.nullOutputStream(), false);
        try (Session session = new Session(options, List.of(script), () -> null, json ? text.asJson(() -> AGAIN) : text,
                violation -> "explained\n")) {
            status = session.run();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private List<Map<String, Object>> lines(BoardOptions options, String... script) throws IOException {
        List<Map<String, Object>> lines = run(options, true, script).lines().map(Json::object).toList();
        lines.forEach(line -> assertThat(SCHEMA.mistakes(line)).as("%s", line).isEmpty());
        return lines;
    }

    private Map<String, Object> line(BoardOptions options, String command) throws IOException {
        List<Map<String, Object>> lines = lines(options, command);
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> result(Map<String, Object> line) {
        return (Map<String, Object>) line.get("result");
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> children(Object report) {
        return (List<Map<String, Object>>) ((Map<String, Object>) report).get("children");
    }

    private static Map<String, Object> command(String command, Object status, Object result) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("command", command);
        line.put("status", status);
        line.put("result", result);
        return line;
    }

    @Test
    void eachCommandIsOneLineWithWhatItPrinted() throws IOException {
        assertThat(lines(options(), "echo one  two", "# not a command", "  echo 'é'  ")).containsExactly(
                command("echo one  two", 0L, "one two\n"), command("echo 'é'", 0L, "é\n"));
        assertThat(err.size()).isZero();
        assertThat(status).isZero();
    }

    @Test
    void whatACommandWroteToStandardErrorIsItsError() throws IOException {
        Map<String, Object> expected = command("cat /dev/none", 1L, "");
        expected.put("error", "cat: /dev/none: No such file or directory\n");
        assertThat(line(options(), "cat /dev/none")).isEqualTo(expected);
        assertThat(err.size()).isZero();
        assertThat(status).isEqualTo(ExitStatus.FAILED);
    }

    @Test
    void anUnknownCommandAndALineThatIsTooLongHaveTheirStatus() throws IOException {
        String tooLong = "echo " + "x".repeat(5000);
        assertThat(lines(options(), "nonsense", tooLong))
                .extracting(line -> line.get("command"), line -> line.get("status"))
                .containsExactly(org.assertj.core.groups.Tuple.tuple("nonsense", 127L),
                        org.assertj.core.groups.Tuple.tuple(tooLong, 2L));
    }

    /** The output of several harts is interleaved; each command gets its own. */
    @Test
    void commandsInTheBackgroundKeepTheirOutputApart() throws IOException {
        byte[] bytes = new byte[40 * SECTOR];
        Arrays.fill(bytes, (byte) 'd');
        BoardOptions options = options().readOnlyDisk(disk(bytes)).interleaving(Interleavings.RANDOM).seed(3);
        List<Map<String, Object>> lines = lines(options, "cat /dev/disk0 &", "echo front",
                "dd if=/dev/disk0 bs=512 count=3 &", "cat /dev/none &", "wait");
        Map<Object, Map<String, Object>> byCommand = new LinkedHashMap<>();
        lines.forEach(line -> byCommand.put(line.get("command"), line));
        assertThat(byCommand).hasSize(5);
        assertThat(byCommand.get("cat /dev/disk0 &"))
                .containsEntry("result", "d".repeat(bytes.length)).containsEntry("status", 0L)
                .doesNotContainKey("error");
        assertThat(byCommand.get("echo front")).containsEntry("result", "front\n").containsEntry("status", 0L);
        assertThat(byCommand.get("dd if=/dev/disk0 bs=512 count=3 &")).containsEntry("result", "d".repeat(3 * SECTOR));
        assertThat((String) byCommand.get("dd if=/dev/disk0 bs=512 count=3 &").get("error"))
                .startsWith("3+0 records in\n3+0 records out\n");
        assertThat(byCommand.get("cat /dev/none &")).containsEntry("status", 1L).containsEntry("result", "");
        assertThat(byCommand.get("wait")).isEqualTo(command("wait", 0L, ""));
        assertThat(lines.get(4)).as("wait ends last").containsEntry("command", "wait");
    }

    @Test
    void moreCommandsThanTheBackgroundHoldsAreRefusedUnderTheirOwnName() throws IOException {
        List<String> script = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            script.add("echo " + i + " &");
        }
        List<Map<String, Object>> lines = lines(options().harts(1), script.toArray(String[]::new));
        assertThat(lines).hasSize(40).extracting(line -> line.get("command"))
                .containsExactlyInAnyOrderElementsOf(script);
        for (Map<String, Object> line : lines) {
            String number = ((String) line.get("command")).replaceAll("[^0-9]", "");
            assertThat(line.get("result")).isEqualTo(line.get("status").equals(0L) ? number + "\n" : "");
        }
    }

    @Test
    void theCommandThatSwitchesTheMachineOffSucceedsAndTheOthersHaveNoStatus() throws IOException {
        List<Map<String, Object>> lines = lines(options().readOnlyDisk(disk(new byte[4096 * SECTOR])),
                "sha256sum /dev/disk0 &", "poweroff", "echo never");
        assertThat(lines).containsExactly(command("poweroff", 0L, ""), command("sha256sum /dev/disk0 &", null, ""));
        assertThat(status).isZero();
    }

    @Test
    void aCommandThatTheInstructionLimitCutsShortHasNoStatus() throws IOException {
        assertThat(lines(options().readOnlyDisk(disk(new byte[4096 * SECTOR]))
                .maxInstructions(250_000), "sha256sum /dev/disk0"))
                .containsExactly(command("sha256sum /dev/disk0", null, ""));
        assertThat(status).isEqualTo(ExitStatus.NOT_FINISHED);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("--max-instructions ran out");
    }

    @Test
    void aViolationIsALineOfItsOwnWithNamesAndAddresses() throws IOException {
        BoardOptions options = new BoardOptions().readOnlyDisk(disk(new byte[8 * SECTOR]))
                .parameter("disk.gfp", "GFP_KERNEL");
        List<Map<String, Object>> lines = lines(options, "sha256sum /dev/disk0");
        assertThat(lines).hasSize(2);
        Map<?, ?> violation = (Map<?, ?>) lines.get(0).get("violation");
        assertThat(lines.get(0)).containsOnlyKeys("violation");
        assertThat(violation.keySet().toArray()).containsExactly("rule", "channel", "device", "va", "pa", "wrapped_pa",
                "zone", "flags", "site", "set_up", "summary", "told", "when", "again");
        assertThat(violation.get("rule")).isEqualTo("dma-above-reach");
        assertThat(violation.get("channel")).isEqualTo(2L);
        assertThat(violation.get("device")).isEqualTo("disk0");
        long pa = Long.decode((String) violation.get("pa"));
        assertThat((String) violation.get("pa")).matches("0x[0-9a-f]{8}");
        assertThat(pa).isGreaterThanOrEqualTo(16 << 20);
        assertThat(violation.get("wrapped_pa")).isEqualTo(String.format(Locale.ROOT, "0x%08x", pa & 0xff_ffff));
        assertThat(violation.get("va")).isEqualTo(String.format(Locale.ROOT, "0x%08x", pa + 0xc000_0000L));
        assertThat(violation.get("zone")).isEqualTo("Normal");
        assertThat(violation.get("flags")).isEqualTo("GFP_KERNEL");
        assertThat((String) violation.get("site")).matches("DiskDriver\\.java:[0-9]+");
        Map<?, ?> told = (Map<?, ?>) violation.get("told");
        assertThat(told.get("why")).asString().contains("out of the controller's reach.\nSilicon");
        assertThat(told.get("instead")).asString().contains("GFP_DMA");
        assertThat(((Map<?, ?>) violation.get("when")).keySet().toArray()).containsExactly("tick", "event", "hart");
        assertThat(violation.get("again")).isEqualTo(AGAIN);
        assertThat(lines.get(1)).containsEntry("status", 1L);
        assertThat(status).isEqualTo(ExitStatus.VIOLATION);
        assertThat(err.size()).as("nothing is explained twice").isZero();
    }

    @Test
    void everyLineOfTheTextIsInTheJson() throws IOException {
        BoardOptions options = new BoardOptions().readOnlyDisk(disk(new byte[8 * SECTOR]))
                .parameter("disk.gfp", "GFP_KERNEL");
        Map<?, ?> violation = (Map<?, ?>) lines(options, "sha256sum /dev/disk0").get(0).get("violation");
        Map<?, ?> told = (Map<?, ?>) violation.get("told");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (Session session = new Session(options, List.of("sha256sum /dev/disk0"), () -> null, new Session.Streams(
                text, new PrintStream(text, true, StandardCharsets.UTF_8), text, false),
                new ViolationText(AGAIN)::of)) {
            session.run();
        }
        List<String> lines = text.toString(StandardCharsets.UTF_8).lines().skip(2)
                .takeWhile(line -> line.startsWith("  ")).map(String::strip).toList();
        assertThat(lines).hasSizeGreaterThan(4).allSatisfy(line -> {
            String[] words = line.split(" +", 2);
            String value = words[0].equals("again") ? (String) violation.get("again")
                    : words[0].equals("when") ? words[1] : (String) told.get(words[0]);
            assertThat(value == null ? told.values().toString() : value).contains(words[1]);
        });
        Map<?, ?> when = (Map<?, ?>) violation.get("when");
        assertThat(lines).anyMatch(line -> line.endsWith(", event " + when.get("event") + ", hart "
                + when.get("hart")));
    }

    @Test
    void drawingsAreForPeople() throws IOException {
        assertThat(run(options(), true, "zones", "slabs")).doesNotContain("█").doesNotContain("░");
        assertThat(run(options(), false, "zones", "slabs")).contains("█");
    }

    @Test
    void whatNobodyKnowsOfAViolationIsNull() throws IOException {
        BoardOptions options = new BoardOptions().owners(false).readOnlyDisk(disk(new byte[8 * SECTOR]))
                .parameter("disk.gfp", "GFP_KERNEL");
        Map<?, ?> violation = (Map<?, ?>) lines(options, "sha256sum /dev/disk0").get(0).get("violation");
        assertThat(violation.get("flags")).isNull();
        assertThat(violation.get("site")).isNull();
        assertThat(violation.containsKey("site")).isTrue();
    }

    @Test
    void everyViolationIsALineHoweverManyThereAre() throws IOException {
        BoardOptions options = new BoardOptions().readOnlyDisk(disk(new byte[8 * SECTOR]))
                .parameter("disk.gfp", "GFP_KERNEL");
        List<Map<String, Object>> lines = lines(options, "sha256sum /dev/disk0", "sha256sum /dev/disk0",
                "sha256sum /dev/disk0");
        assertThat(lines).filteredOn(line -> line.containsKey("violation")).hasSize(3);
        assertThat(lines).hasSize(6);
    }

    // ---- inspectors: the tree and the text of a run agree ----

    private static final String[] INSPECTED = {"cat /proc/buddyinfo", "cat /proc/meminfo", "cat /proc/zoneinfo",
            "cat /proc/interrupts", "cat /proc/dma", "cat /proc/iomem", "ps", "ls /dev /proc", "digest", "zones",
            "x/3xw 0xc0001000", "info registers 0", "dma"};

    @Test
    void everyInspectorHasATree() throws IOException {
        assertThat(lines(options(), INSPECTED)).hasSameSizeAs(INSPECTED).allSatisfy(line -> {
            assertThat(line).containsEntry("status", 0L).doesNotContainKey("error");
            assertThat(line.get("result")).isInstanceOf(Map.class);
            assertThat(result(line)).containsKey("name").doesNotContainKey("text").hasSizeGreaterThan(1);
        });
    }

    @Test
    void everyFileOfProcHasATree() throws IOException {
        List<String> names = new ArrayList<>(entries("/proc"));
        assertThat(names.remove("net")).as("a directory").isTrue();
        assertThat(names.removeIf(name -> name.matches("self|[0-9]+"))).as("directories of tasks").isTrue();
        entries("/proc/net").forEach(name -> names.add("net/" + name));
        for (String name : names) {
            assertThat(line(options(), "cat /proc/" + name).get("result")).as(name).isInstanceOf(Map.class);
        }
    }

    private List<String> entries(String directory) throws IOException {
        return List.of(children(line(options(), "ls " + directory).get("result")).get(0).get("entries").toString()
                .replaceAll("[\\[\\] ]", "").split(","));
    }

    @Test
    void buddyinfoIsTheSameInBothForms() throws IOException {
        StringBuilder fromTree = new StringBuilder();
        for (Map<String, Object> zone : children(line(options(), "cat /proc/buddyinfo").get("result"))) {
            fromTree.append("Node ").append(zone.get("node")).append(", zone ").append(zone.get("name"));
            ((List<?>) zone.get("free_blocks_by_order")).forEach(count -> fromTree.append(' ').append(count));
            fromTree.append('\n');
        }
        assertThat(fromTree)
                .hasToString(run(options(), false, "cat /proc/buddyinfo").replaceAll(" +", " ").replace(" \n", "\n"));
    }

    @Test
    void meminfoIsTheSameInBothForms() throws IOException {
        StringBuilder fromTree = new StringBuilder();
        result(line(options(), "cat /proc/meminfo")).forEach((name, value) -> {
            if (value instanceof Long kilobytes) {
                fromTree.append(name).append(": ").append(kilobytes).append(" kB\n");
            }
        });
        assertThat(fromTree).hasToString(run(options(), false, "cat /proc/meminfo").replaceAll(" +", " "));
    }

    @Test
    void zoneinfoIsTheSameInBothForms() throws IOException {
        String text = run(options(), false, "cat /proc/zoneinfo").replaceAll("[ :]+", " ");
        List<Map<String, Object>> zones = children(line(options(), "cat /proc/zoneinfo").get("result"));
        assertThat(zones).extracting(zone -> zone.get("name"))
                .containsExactly("DMA", "Normal", "HighMem", "per-node stats");
        for (Map<String, Object> zone : zones) {
            zone.forEach((name, value) -> {
                if (value instanceof Long number && !name.equals("node")) {
                    assertThat(text).contains(" " + name + " " + number + "\n");
                }
            });
        }
    }

    @Test
    void interruptsAreTheSameInBothForms() throws IOException {
        String[] script = {"cat /dev/disk0 > /dev/null", "cat /proc/interrupts"};
        BoardOptions options = options().readOnlyDisk(disk(new byte[256 * SECTOR]));
        String text = run(options, false, script);
        List<Map<String, Object>> lines = children(lines(options, script).get(1).get("result"));
        assertThat(lines).hasSize((int) text.lines().count() - 1);
        long sum = 0;
        for (Map<String, Object> line : lines) {
            String counts = line.get("count_by_hart").toString().replaceAll("[\\[\\],]", "");
            assertThat(text.lines().map(l -> l.strip().replaceAll(" +", " "))).anySatisfy(l ->
                    assertThat(l).startsWith(line.get("irq") + ": " + counts + " ")
                    .contains((String) line.get("name")));
            sum += ((List<?>) line.get("count_by_hart")).stream().mapToLong(count -> (Long) count).sum();
        }
        assertThat(sum).isPositive();
    }

    @Test
    void iomemIsTheSameInBothForms() throws IOException {
        StringBuilder fromTree = new StringBuilder();
        for (Map<String, Object> resource : children(line(options(), "cat /proc/iomem").get("result"))) {
            append(fromTree, "", resource);
            if (resource.containsKey("children")) {
                children(resource).forEach(part -> append(fromTree, "  ", part));
            }
        }
        assertThat(fromTree).hasToString(run(options(), false, "cat /proc/iomem"));
    }

    private static void append(StringBuilder out, String indent, Map<String, Object> resource) {
        out.append(indent).append(resource.get("start").toString().substring(2)).append('-')
                .append(resource.get("end").toString().substring(2))
                .append(" : ").append(resource.get("name")).append('\n');
    }

    @Test
    void anInspectorThatFailsOrIsNotAloneIsText() throws IOException {
        assertThat(line(options(), "ls /dev /none").get("result")).asString().startsWith("/dev:\nconsole\n")
                .endsWith("\nurandom\nzero\n");
        assertThat(line(options(), "cat /proc/dma /proc/dma").get("result")).isInstanceOf(String.class);
        assertThat(line(options(), "x/4xw nowhere")).containsEntry("status", 1L).containsEntry("result", "");
        assertThat(line(options(), "help").get("result")).isInstanceOf(String.class);
        assertThat(line(options(), "echo /proc/dma")).containsEntry("result", "/proc/dma\n");
    }

    // ---- looking changes nothing ----

    @Test
    void jsonChangesNoDigest() throws IOException {
        List<String> script = new ArrayList<>(List.of("sha256sum -j 4 /dev/disk0 &", "cat /dev/none"));
        script.addAll(List.of(INSPECTED));
        script.addAll(List.of("dd if=/dev/disk0 bs=700 &", "wait", "digest"));
        for (long seed = 1; seed <= 3; seed++) {
            BoardOptions options = options().readOnlyDisk(disk(new byte[256 * SECTOR]))
                    .interleaving(Interleavings.RANDOM).seed(seed);
            String text = run(options, false, script.toArray(String[]::new));
            String digest = text.substring(text.lastIndexOf("events "));
            List<Map<String, Object>> lines = lines(options, script.toArray(String[]::new));
            Map<String, Object> last = result(lines.get(lines.size() - 1));
            assertThat("events " + last.get("events") + "\ninstructions "
                    + last.get("instructions") + "\nmemory " + last.get("memory")
                    + "\nschedule " + last.get("schedule") + "\n").as("seed %d", seed).isEqualTo(digest);
        }
    }

    @Test
    void aReaderThatLeavesIsAFailureAndNotACrash() throws IOException {
        OutputStream gone = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Session.Streams streams = new Session.Streams(gone, new PrintStream(err, true, StandardCharsets.UTF_8),
                OutputStream.nullOutputStream(), false).asJson(() -> "");
        try (Session session = new Session(options(), List.of("echo 1", "echo 2", "echo 3"), () -> null,
                streams, violation -> "")) {
            assertThat(session.run()).isEqualTo(ExitStatus.FAILED);
        }
    }
}
