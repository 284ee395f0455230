package ferrite.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommandLineTest {

    @Test
    void isMadeOfWordsWithValues() {
        CommandLine line = CommandLine.of("  quiet zone_dma=0x400000  owners=off disk.gfp=GFP_KERNEL|GFP_DMA empty= ");
        assertThat(line.get("owners", "on")).isEqualTo("off");
        assertThat(line.get("disk.gfp", "")).isEqualTo("GFP_KERNEL|GFP_DMA");
        assertThat(line.get("quiet", "no value")).isEqualTo("no value");
        assertThat(line.get("empty", "x")).isEmpty();
        assertThat(line.bytes("zone_dma", 1)).isEqualTo(4 << 20);
        assertThat(line.bytes("zone_normal", 7)).isEqualTo(7);
        assertThat(CommandLine.of("").get("anything", "x")).isEqualTo("x");
    }
}
