package ferrite.debugport.http;

import io.netty.channel.ChannelHandler;
import java.util.concurrent.Executor;

/** HTTP for one port: makes the handler of each connection. */
public final class HttpService {

    private final WebPages pages;
    private final Executor machine;
    private final Admission admission;

    /**
     * Creates a service.
     *
     * @param token   the token of each request's {@code Authorization: Bearer T}, or null
     * @param scheme  the start of the port's URLs: http or https
     * @param host    the host's name as the port's user typed it; requests may name it
     * @param machine runs its tasks in order, on the thread that holds the machine's turn
     */
    public HttpService(WebPages pages, String token, String scheme, String host, Executor machine) {
        this.pages = pages;
        this.machine = machine;
        this.admission = new Admission(scheme, host, token);
    }

    /** Returns the handler for a connection that begins with a request. It gets the first bytes too. */
    public ChannelHandler newHandler() {
        return new HttpEntrance(this);
    }

    WebPages pages() {
        return pages;
    }

    Executor machine() {
        return machine;
    }

    Admission admission() {
        return admission;
    }
}
