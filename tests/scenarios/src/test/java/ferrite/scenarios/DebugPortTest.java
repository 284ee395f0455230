package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Inspects a running machine with {@code nc}. */
@Timeout(120)
class DebugPortTest {

    @TempDir
    private Path directory;

    private Program.Ended netcat(String address, String... lines) throws Exception {
        Tools.need("nc");
        int colon = address.lastIndexOf(':');
        try (Program nc = Program.start(directory,
                List.of("nc", "-N", address.substring(0, colon), address.substring(colon + 1)))) {
            return nc.type(lines).end();
        }
    }

    @Test
    void aHaltedMachineIsLookedAtAndLetGoAndLookedAtAgain() throws Exception {
        Path disk = Disks.random(directory, "disk.img", Disks.PIECE, 1);
        try (Program ferrite = FerriteJar.start(directory, "run", "--disk", "disk.img,ro", "--harts", "2",
                "--debug", "0", "--halt")) {
            String address = ferrite.awaitErrLine("debug port ");
            assertThat(address).matches("127\\.0\\.0\\.1:[0-9]+");

            String halted = netcat(address, "help", "info registers", "zones", "dma", "x/8xw 0xf0000000",
                    "nonsense", "continue").out();
            assertThat(halted)
                    .contains("info registers [HART]", "x/NFU VA", "continue ").contains("hart 0\n", "hart 1\n")
                    .containsPattern("pc +0xf0000000").containsPattern("mode +M")
                    .containsPattern("channel 2\n +device +disk0")
                    .contains("error: unknown command 'nonsense'").endsWith("running\n");
            assertThat(halted).containsPattern("0xf0000000:( 0x[0-9a-f]{8}){4}\n0xf0000010:( 0x[0-9a-f]{8}){4}\n");

            ferrite.type("echo up", "sha256sum /dev/disk0");
            ferrite.awaitOut("/dev/disk0\n");
            String running = netcat(address, "x/8xw 0xc0001000", "xp/8xw 0x1000", "zones", "dma", "info registers 1",
                    "x 0xfffffffc", "x/4xw 0xc0001001").out();
            Matcher linear = Pattern.compile("0xc0001000:(( 0x[0-9a-f]{8}){4})\n0xc0001010:(( 0x[0-9a-f]{8}){4})\n")
                    .matcher(running);
            Matcher physical = Pattern.compile("0x00001000:(( 0x[0-9a-f]{8}){4})\n0x00001010:(( 0x[0-9a-f]{8}){4})\n")
                    .matcher(running);
            assertThat(linear.find() && physical.find()).as(running).isTrue();
            assertThat(linear.group(1) + linear.group(3)).isEqualTo(physical.group(1) + physical.group(3))
                    .contains("0x66727431");
            assertThat(running).contains("DMA", "Normal", "HighMem").containsPattern("channel 2\n +device +disk0")
                    .containsPattern("mode +S, waiting").doesNotContain("hart 0\n")
                    .contains("error: 0xc0001001 is not a multiple of 4").contains("error: hart 0 has no translation");

            Program.Ended ended = ferrite.end();
            assertThat(ended.out()).isEqualTo("up\n" + Tools.sha256(disk) + "  /dev/disk0\n");
            assertThat(ended.err()).isEqualTo("debug port " + address + "\n");
            assertThat(ended.status()).isZero();
        }
    }

    @Test
    void aMachineIsHaltedWhileItWaitsAndGoesOnWhereItWas() throws Exception {
        try (Program ferrite = FerriteJar.start(directory, "run", "--ram", "32M", "--debug", "127.0.0.1:0",
                "--token", "s3cret")) {
            String address = ferrite.awaitErrLine("debug port ");
            ferrite.type("echo up");
            ferrite.awaitOut("up\n");
            assertThat(netcat(address, "zones").out()).as("without the token").doesNotContain("DMA")
                    .containsIgnoringCase("token");
            assertThat(netcat(address, "token wrong", "zones").out()).doesNotContain("DMA");
            assertThat(netcat(address, "token s3cret", "halt", "zones").out()).contains("halted\n").contains("DMA");
            ferrite.type("echo after the halt");
            assertThat(netcat(address, "token s3cret", "info registers 0").out()).contains("pc ", "mode ");
            assertThat(netcat(address, "token s3cret", "continue").out()).contains("running\n");
            ferrite.awaitOut("after the halt\n");
            Program.Ended ended = ferrite.end();
            assertThat(ended.out()).isEqualTo("up\nafter the halt\n");
            assertThat(ended.status()).isZero();
        }
    }

    @Test
    void aPortThatOthersCanReachIsRefusedWithoutAToken() throws Exception {
        Program.Ended ended = FerriteJar.run(directory, "run", "--debug", "0.0.0.0:0", "-c", "echo must not run");
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.err()).startsWith("ferrite run: --debug 0.0.0.0:0").contains("--token").hasLineCount(1);
        assertThat(ended.out()).isEmpty();
    }
}
