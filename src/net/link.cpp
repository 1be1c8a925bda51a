// SPDX-License-Identifier: Apache-2.0
#include "net/link.h"

namespace sarang {

void Link::unlink()
{
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = this;
}

void Link::push_back(Link& link)
{
    link.unlink();
    link.next_ = this;
    link.previous_ = previous_;
    previous_->next_ = &link;
    previous_ = &link;
}

void Link::take_from(Link& other)
{
    if (other.linked()) {
        other.push_back(*this);
        other.unlink();
    }
}

} // namespace sarang
