package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.debugport.pipeline.Origin;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The places of clients whose tokens are compared. */
class PlacesTest {

    private final Places places = new Places();
    private final List<EmbeddedChannel> crowd = new ArrayList<>();

    private boolean enter(EmbeddedChannel channel, int host, boolean hasToken) throws UnknownHostException {
        Origin origin = new Origin(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host}), false);
        return places.enter(channel, origin, () -> hasToken);
    }

    private void fill(int host, int clients) throws UnknownHostException {
        for (int i = 0; i < clients; i++) {
            crowd.add(new EmbeddedChannel());
            assertThat(enter(crowd.get(crowd.size() - 1), host, true)).isTrue();
        }
    }

    @Test
    void theOldestSilentClientGoesFirst() throws UnknownHostException {
        EmbeddedChannel silent = new EmbeddedChannel();
        fill(1, 3);
        assertThat(enter(silent, 2, false)).isTrue();
        fill(1, Places.MAX_ENTERING - 4);

        assertThat(enter(new EmbeddedChannel(), 3, false)).isTrue();

        assertThat(silent.isOpen()).isFalse();
        assertThat(crowd).allMatch(EmbeddedChannel::isOpen);
    }

    @Test
    void aCrowdFromOneHostMakesRoomForAnother() throws UnknownHostException {
        fill(1, Places.MAX_ENTERING);

        assertThat(enter(new EmbeddedChannel(), 2, true)).isTrue();

        assertThat(crowd.get(0).isOpen()).isFalse();
        assertThat(crowd.subList(1, crowd.size())).allMatch(EmbeddedChannel::isOpen);
    }

    @Test
    void aCrowdDoesNotMakeRoomForItsOwn() throws UnknownHostException {
        fill(1, Places.MAX_ENTERING);

        assertThat(enter(new EmbeddedChannel(), 1, true)).isFalse();

        assertThat(crowd).allMatch(EmbeddedChannel::isOpen);
    }

    @Test
    void originsWithEqualSharesKeepThem() throws UnknownHostException {
        fill(1, Places.MAX_ENTERING / 2);
        fill(2, Places.MAX_ENTERING / 2);

        assertThat(enter(new EmbeddedChannel(), 2, true)).isFalse();
        assertThat(enter(new EmbeddedChannel(), 3, true)).isTrue();
    }
}
