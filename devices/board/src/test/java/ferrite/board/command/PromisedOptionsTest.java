package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands and options that scripts of users rely on are there. */
class PromisedOptionsTest {

    /** Those of a machine; {@code boot} may refuse one, with its reason. */
    private static final List<String> OF_A_MACHINE = List.of("--board", "--harts", "--ram", "--zones", "--seed",
            "--interleaving", "--dma", "--swiotlb", "--owners", "--check", "--disk", "--sound", "--net", "--serial",
            "--host-files", "--max-instructions", "--slub-debug", "--guard-pages", "--fail-page-alloc", "--translate",
            "--sarif", "--junit", "--json", "--debug", "--token", "--halt");
    private static final List<String> OF_RUN = List.of("-o", "-c", "--script", "--verbose");
    private static final List<String> OF_BOOT = List.of("--initrd", "--append", "--bios", "--virtio", "--snapshot-at",
            "--snapshots", "--restore", "--signature");

    private static Set<String> options(String command) {
        return Ferrite.commandLine().getSubcommands().get(command).getCommandSpec().optionsMap().keySet();
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "run", "boot", "attach", "devices", "checks", "explain", "matrix", "symbols",
        "new"})
    void everyCommandIsThereAndHasHelpWithExamples(String command) {
        assertThat(options(command)).contains("--help");
        assertThat(Ferrite.commandLine().getSubcommands().get(command).getUsageMessage()).contains("ferrite "
                + command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "boot"})
    void everyOptionOfAMachineIsKnown(String command) {
        assertThat(options(command)).containsAll(OF_A_MACHINE)
                .containsAll(command.equals("run") ? OF_RUN : OF_BOOT);
    }

    @Test
    void everyOptionOfAClientIsKnown() {
        assertThat(options("attach")).contains("--token", "-c");
    }

    @Test
    void everyOptionOfChecksIsKnown() {
        assertThat(options("checks")).contains("--score");
    }
}
