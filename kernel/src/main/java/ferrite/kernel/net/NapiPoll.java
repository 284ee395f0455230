package ferrite.kernel.net;

import ferrite.kernel.base.DriverApi;

/**
 * The poll function of a driver (LDD3 page 523). A softirq calls it: it must not sleep. It gives packets to
 * {@code netif_receive_skb}. If it has given fewer than {@code budget}, it calls {@code napi_complete_done}, and lets
 * its device interrupt again.
 */
@DriverApi
@FunctionalInterface
public interface NapiPoll {

    /**
     * @param napi   address of the {@link NapiLayout}
     * @param budget the packets that it may give
     * @return the number of packets that it has given
     */
    int poll(long napi, int budget);
}
