package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Options of the shell's commands: the words and statuses are those of the host's commands of the same name. */
@Timeout(60)
class OptionsTest {

    @TempDir
    private Path directory;

    @BeforeEach
    void makeFiles() throws IOException {
        Files.createDirectories(directory.resolve("root/d/e"));
        Files.writeString(directory.resolve("root/d/abc"), "a\nb\nc\n");
        Files.writeString(directory.resolve("root/-Y"), "minus\n");
    }

    private Run run(List<String> commands) throws IOException {
        return Run.of(new BoardOptions().ram(64 << 20).harts(1).root(directory.resolve("root")),
                commands.toArray(String[]::new));
    }

    /** Runs each line here and on the host, in the directory that is the root here; both print their statuses. */
    private void agree(List<String> lines) throws Exception {
        StringBuilder host = new StringBuilder();
        List<String> ours = new ArrayList<>();
        for (String line : lines) {
            Tools.need(line.split(" ")[0]);
            String all = line + " < d/abc 2>&1; echo $?";
            Program.Ended ended = Program.start(directory.resolve("root"), List.of("sh", "-c",
                    "export LC_ALL=C; " + all)).end();
            host.append("== ").append(line).append('\n').append(ended.out());
            ours.add("echo '== " + line + "'");
            ours.add(all);
        }
        assertThat(run(ours).out()).isEqualTo(host.toString());
    }

    @Test
    void anUnknownOptionIsRefusedInTheWordsOfTheHost() throws Exception {
        agree(List.of("ls -Y", "ls -RY", "ls --foo", "ls -l --foo=bar d", "ls d -Y", "ls -Y -Z", "cat -Y", "cp -Y",
                "cp d/abc -Y", "head -Y", "tail -Y", "head -n", "tail -c", "head -n2 -Y", "wc -Y", "wc -lY", "wc --foo",
                "grep -Y", "grep --foo", "grep a -Y", "cmp -Y", "cmp --foo", "dd -Y", "dd --foo", "sleep -Y",
                "sleep -1", "date -Y", "sha256sum -Y", "sync -Y", "dmesg -Y", "dmesg -n", "dmesg --level",
                "dmesg --raw=x", "hexdump -Y"));
    }

    @Test
    void optionsStandInOneWordAndEndAtTwoHyphens() throws Exception {
        agree(List.of("head -n2", "head -n 2 -c3", "head -c3 -n 2", "head -2", "tail -n1", "tail -c 3", "tail -1",
                "wc -ll", "wc -c -- -Y", "cat -- -Y", "head -- -Y", "grep -nv a", "grep -cv -- a",
                "grep -- -Y", "sleep -- 0", "cmp -s -- d/abc -Y", "sha256sum -- -Y", "ls -- -Y", "ls -R -- d",
                "hexdump -C -- -Y", "head -n x", "head -n -1x", "tail -n 5y", "head -c z"));
    }

    @Test
    void linksAreListedAndFollowed() throws Exception {
        Path d = directory.resolve("root/d");
        Files.writeString(d.resolve("e/f"), "text\n");
        Files.createSymbolicLink(d.resolve("dir"), Path.of("e"));
        Files.createSymbolicLink(d.resolve("file"), Path.of("dir/f"));
        Files.createSymbolicLink(d.resolve("e/up"), Path.of("../../d"));
        Files.createDirectories(directory.resolve("root/dead"));
        Files.createSymbolicLink(directory.resolve("root/dead/loop"), Path.of("loop"));
        Files.createSymbolicLink(directory.resolve("root/dead/nowhere"), Path.of("nothing"));
        agree(List.of("ls d", "ls -L d", "ls d/dir", "ls d/file", "ls -R d", "ls -LR d/e", "ls dead/loop",
                "ls dead/nowhere", "ls -L dead/nowhere", "ls dead", "cat d/file", "cat dead/loop", "cat d/dir/up/file",
                "readlink d/dir d/file dead/loop", "readlink d/abc", "readlink d/none", "readlink -Y", "readlink",
                "ls d/file/", "ls none"));
        Run run = run(List.of("ls -l d/dir", "ls -l d", "readlink -f d/dir/up/file", "ls -lL d/file"));
        assertThat(run.out()).isEqualTo("lrwxrwxrwx 1 root root 1 d/dir -> e\n-r--r--r-- 1 root root 6 abc\n"
                + "lrwxrwxrwx 1 root root 1 dir -> e\ndr-xr-xr-x 1 root root 0 e\n"
                + "lrwxrwxrwx 1 root root 5 file -> dir/f\n/d/e/f\n-r--r--r-- 1 root root 5 d/file\n");
    }

    @Test
    void severalFilesHaveTheHeadingsAndColumnsOfTheHost() throws Exception {
        Path d = directory.resolve("root/d");
        Files.writeString(d.resolve("long"), "many words\n".repeat(1000));
        Files.createDirectories(d.resolve("f"));
        agree(List.of("ls d d/e", "ls d/long d d/abc", "ls d none", "ls none d/abc", "ls d/f d/e", "ls d/e/ d/e",
                "ls -R d/f d/e", "ls -R d/long d/f/", "ls d/abc d/abc", "wc d/abc d/long", "wc d/long",
                "wc -l d/abc d/long", "wc -lw d/long", "wc d/abc none", "wc", "wc -lc", "wc -c d/long",
                "wc d/abc d/abc d/abc",
                "wc /dev/null d/abc", "wc /dev/null", "wc -l /dev/null"));
    }

    /** As in Linux, a device and its driver have links to each other. */
    @Test
    void theBusHasLinks() throws IOException {
        Run all = run(List.of("ls /sys/bus/platform/devices"));
        String name = all.out().lines().filter(each -> each.startsWith("serial@")).findFirst().orElseThrow();
        Run run = run(List.of("ls -l /sys/bus/platform/devices | grep serial@", "readlink -f /sys/bus/platform/devices/"
                + name + "/driver", "ls -L /sys/bus/platform/devices/" + name + "/driver | grep serial@",
                "cat /sys/bus/platform/drivers/uart/" + name + "/driver_override"));
        assertThat(run.out()).isEqualTo("lrwxrwxrwx 1 root root 0 " + name + " -> ../../../devices/platform/" + name
                + "\n/sys/bus/platform/drivers/uart\n" + name + "\n(null)\n");
    }

    @Test
    void theHintLeadsToHelp() throws IOException {
        Run run = run(List.of("ls --help", "help ls", "head -n 2 --help -Y", "rmmod -Y; echo $?", "insmod -f x",
                "ping -Y; echo $?", "nc -Z", "uptime -Y", "free -Y"));
        assertThat(run.out()).startsWith("ls [-").contains("head [-n ").endsWith("1\n2\n");
        String[] helps = run.out().split("(?=ls \\[-)");
        assertThat(helps[1]).startsWith(helps[0]);
        assertThat(run.err()).startsWith("rmmod: invalid option -- 'Y'\nTry 'rmmod --help' for more information.\n");
        assertThat(run.err().lines().filter(line -> line.endsWith("more information."))).hasSize(6);
    }
}
