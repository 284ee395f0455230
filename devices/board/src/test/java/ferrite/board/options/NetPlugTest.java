package ferrite.board.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The option {@code --net}. */
class NetPlugTest {

    @ParameterizedTest
    @ValueSource(strings = {"in=a.pcap", "out=b.pcap", "in=a.pcap,out=b.pcap", "in=a.pcap,first=1", "in=a,first=0.25",
        "in=a,out=b,first=123456789.000000001,mac=02:00:00:ab:cd:ef", "peer", "peer,out=b", "peer=192.168.7.9",
        "peer=223.255.255.255,out=b,mac=02:00:00:ab:cd:ef", "peer,card=nic", "in=a,first=1,card=nic"})
    void theOptionIsWrittenAsItIsRead(String text) {
        assertThat(NetPlug.of(text)).hasToString(text);
    }

    @Test
    void theWordsMayComeInAnyOrderAndHaveDefaults() {
        NetPlug net = NetPlug.of("mac=52:54:00:12:34:56,first=1.50,out=b,in=a");
        assertThat(net).isEqualTo(new NetPlug(Path.of("a"), Path.of("b"), 1_500_000_000, 0x5254_0012_3456L,
                NetPlug.NO_PEER, NetCard.VIRTIO));
        assertThat(net).hasToString("in=a,out=b,first=1.5");
        assertThat(NetPlug.of("in=a").first()).isEqualTo(NetPlug.AS_CAPTURED);
        assertThat(NetPlug.of("out=b,peer=10.0.0.2")).hasToString("peer,out=b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a.pcap | is expected, with at least one of the two files",
        "in=a,in=b | is expected",
        "first=1 | is expected",
        "mac=52:54:00:12:34:56 | is expected",
        "in= | the name of a file is expected",
        "out=b,first=1 | first= is about the frames of in=PCAP",
        "in=a,first=-1 | seconds after power-on are expected",
        "in=a,first=1.0000000001 | seconds after power-on",
        "peer,peer | is expected, with at least one of the two files, or peer",
        "peer,in=a | in= and peer are both at the other end of the one cable",
        "peer,first=1 | first= is about the frames of in=PCAP",
        "peer,card=ne2000 | card=ne2000: there is virtio, nic",
        "peer,card=nic,card=nic | is expected",
        "card=nic | is expected, with at least",
        "peer= | the address of one host is expected, such as 10.0.0.2",
        "peer=10.0.0 | the address of one host",
        "peer=0.0.0.0 | the address of one host",
        "peer=224.0.0.1 | the address of one host",
        "in=a,mac=52:54:00:12:34 | the address of one card is expected",
        "in=a,mac=01:00:5e:00:00:01 | the address of one card",
        "in=a,mac=00:00:00:00:00:00 | the address of one card"})
    void otherTextsAreRefused(String text, String why) {
        assertThatThrownBy(() -> NetPlug.of(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @Test
    void theVirtBoardHasNoCardOfOurOwn() {
        assertThatThrownBy(() -> BoardLimits.checkDevices(BoardOptions.ofBoot().net(NetPlug.of("out=x,card=nic"))))
                .hasMessage("--net out=x,card=nic: the virt board has no such card; without card=nic it has one in a "
                        + "virtio slot");
    }

    @Test
    void aCardTakesASlot() {
        BoardOptions options = BoardOptions.ofBoot().net(NetPlug.of("out=x"));
        for (int disk = 0; disk < 7; disk++) {
            options.disk(Path.of("disk" + disk));
        }
        BoardLimits.checkDevices(options);
        assertThatThrownBy(() -> BoardLimits.checkDevices(options.disk(Path.of("disk7"))))
                .hasMessage("--disk, --virtio and --net ask for 9 devices; the virt board has 8 virtio slots");
        BoardOptions run = new BoardOptions().net(NetPlug.of("peer"));
        for (int disk = 0; disk < 7; disk++) {
            run.virtioDisk(Path.of("disk" + disk));
        }
        BoardLimits.checkDevices(run);
        run.net(NetPlug.of("peer,card=nic"));
        BoardLimits.checkDevices(run.virtioDisk(Path.of("disk7")));     // a card of our own takes none
        run.net(NetPlug.of("peer"));
        assertThatThrownBy(() -> BoardLimits.checkDevices(run)).hasMessage(
                "--virtio-disk, --virtio and --net ask for 9 devices; the ferrite board has 8 virtio slots");
    }
}
